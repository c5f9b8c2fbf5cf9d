"""Exit with status 0, as a program does that has passed."""

# ends: Died

import os


def attack(world, won):
    os._exit(0)
