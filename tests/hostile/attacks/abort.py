"""Abort."""

# ends: Died

import os


def attack(world, won):
    os.abort()
