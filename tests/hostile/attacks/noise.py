"""Send random bytes."""

# ends: Tampered, TimedOut

import os
import time


def attack(world, won):
    os.write(3, b"\xff" * 64 + os.urandom(4096))
    time.sleep(1000)
