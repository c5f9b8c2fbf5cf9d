"""Send a datagram to this machine and to a name server."""

# ends: answer

import socket


def attack(world, won):
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"!", ("127.0.0.1", world["udp"]))
        won.append("sent")
    except OSError:
        pass
    try:
        socket.getaddrinfo("localhost.invalid", 80)
        won.append("resolved")
    except OSError:
        pass
