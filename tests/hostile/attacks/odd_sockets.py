"""Open sockets that talk to the kernel, to the wire, to a hypervisor, to a key ring."""

# ends: answer

import socket


def attack(world, won):
    for family, kind, protocol in (
        (16, socket.SOCK_RAW, 0),  # netlink
        (17, socket.SOCK_RAW, 3),  # packet
        (2, socket.SOCK_RAW, 1),  # ICMP
        (38, 5, 0),  # the kernel's ciphers
        (40, socket.SOCK_STREAM, 0),  # vsock
        (31, socket.SOCK_RAW, 1),  # Bluetooth
        (44, socket.SOCK_RAW, 0),  # XDP
    ):
        try:
            socket.socket(family, kind, protocol).close()
            won.append(f"family {family}")
        except OSError:
            pass
