"""Print without end from a process of its own, whether or not the call was answered before the flood."""

# ends: answer, TooMuchOutput

import os


def attack(world, won):
    if os.fork() == 0:
        while True:
            os.write(2, b"y" * 10_000)
