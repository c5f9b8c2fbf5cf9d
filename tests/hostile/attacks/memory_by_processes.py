"""Hold in each of many processes as much as one may."""

# ends: OutOfMemory, TimedOut

import os
import time


def attack(world, won):
    for _ in range(6):
        if os.fork() == 0:
            held = b"x" * (100 << 20)
            time.sleep(1000)
            os._exit(len(held))
    time.sleep(1000)
