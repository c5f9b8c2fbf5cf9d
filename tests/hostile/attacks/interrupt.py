"""Raise KeyboardInterrupt, which many an except clause lets through."""

# ends: KeyboardInterrupt


def attack(world, won):
    raise KeyboardInterrupt
