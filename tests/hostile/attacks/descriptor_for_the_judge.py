"""Hand the judge descriptors over the connection until its table is full."""

# ends: Tampered, TimedOut

import os
import socket


def attack(world, won):
    connection = socket.socket(fileno=3)
    while True:
        socket.send_fds(connection, [b"\0"], [os.open("/dev/null", os.O_RDONLY)])
