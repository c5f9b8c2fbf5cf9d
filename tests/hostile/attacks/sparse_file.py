"""Make a file that claims to be larger than the disk."""

# ends: answer

import os


def attack(world, won):
    try:
        with open("/w/sparse", "wb") as file:
            os.truncate(file.fileno(), 1 << 40)
        won.append("a terabyte")
    except OSError:
        pass
