"""Recur in Python without a limit."""

# ends: Died, TimedOut, OutOfMemory, MemoryError, RecursionError

import sys


def attack(world, won):
    sys.setrecursionlimit(2**31 - 1)

    def down(depth):
        return down(depth + 1)

    down(0)
