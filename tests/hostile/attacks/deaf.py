"""Never read the connection again, and fill it from this side."""

# ends: Tampered, TimedOut

import os


def attack(world, won):
    while True:
        os.write(3, bytes(1 << 16))
