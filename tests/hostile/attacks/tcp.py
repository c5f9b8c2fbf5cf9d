"""Connect to, and listen on, TCP sockets."""

# ends: answer

import socket


def attack(world, won):
    for address in (("127.0.0.1", world["tcp"]), ("::1", world["tcp"])):
        try:
            socket.create_connection(address, timeout=0.2)
            won.append(f"connected to {address}")
        except OSError:
            pass
    try:
        socket.create_server(("127.0.0.1", 0))
        won.append("listened")
    except OSError:
        pass
