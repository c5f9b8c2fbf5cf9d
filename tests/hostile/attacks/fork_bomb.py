"""Start processes without end."""

# ends: TooManyProcesses, TimedOut

import os
from contextlib import suppress


def attack(world, won):
    while True:
        with suppress(OSError):
            os.fork()
