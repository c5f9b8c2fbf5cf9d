"""Print without end from a process of its own, while the call has long been answered."""

# ends: answer

import os


def attack(world, won):
    if os.fork() == 0:
        while True:
            os.write(2, b"y" * 10_000)
