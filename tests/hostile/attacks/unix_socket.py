"""Connect to a Unix socket of another program, as that of a container engine, by path and by name."""

# ends: answer

import socket


def attack(world, won):
    for address in (f"{world['folder']}/engine.sock", "\0lintml-range", "/var/run/docker.sock"):
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(address)
            won.append(address)
        except OSError:
            pass
