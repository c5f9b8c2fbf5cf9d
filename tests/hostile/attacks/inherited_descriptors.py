"""Use a descriptor that the zygote forgot to close."""

# ends: answer

import os


def attack(world, won):
    for number in range(4, 1024):
        try:
            os.fstat(number)
        except OSError:
            continue
        won.append(f"descriptor {number} was open")
