"""Raise SystemExit(0) where a harness might let it through."""

# ends: SystemExit

import sys


def attack(world, won):
    sys.exit(0)
