"""Recur in C until the stack ends."""

# ends: Died, RecursionError, MemoryError

import sys


def attack(world, won):
    sys.setrecursionlimit(10**9)
    one, other = [], []
    for _ in range(200_000):
        one, other = [one], [other]
    one == other  # noqa: B015
