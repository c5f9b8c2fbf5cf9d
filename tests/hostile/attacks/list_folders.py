"""Look around in the machine's folders."""

# ends: answer

import os


def attack(world, won):
    for folder in (world["folder"], "/home", "/var/log", "/boot", "/etc/ssl", "/opt", "/srv", "/run"):
        try:
            if os.listdir(folder):
                won.append(folder)
        except OSError:
            pass
