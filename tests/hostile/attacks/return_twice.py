"""Fork, and come back from the call in both processes."""

# ends: answer

import os


def attack(world, won):
    os.fork()
