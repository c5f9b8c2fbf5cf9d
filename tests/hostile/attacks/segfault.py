"""Read where no memory is."""

# ends: Died

import ctypes


def attack(world, won):
    ctypes.string_at(0)
