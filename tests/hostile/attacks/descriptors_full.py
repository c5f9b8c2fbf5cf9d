"""Open as many files as there may be."""

# ends: answer

import os


def attack(world, won):
    try:
        for _ in range(5000):
            os.open("/dev/null", os.O_RDONLY)
        won.append("five thousand descriptors")
    except OSError:
        pass
