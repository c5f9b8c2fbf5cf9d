"""Hide memory from the supervisor: in processes that forbid others to look."""

# ends: OutOfMemory, TimedOut

import ctypes
import os
import time


def attack(world, won):
    for _ in range(6):
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
            held = b"x" * (100 << 20)
            time.sleep(1000)
            os._exit(len(held))
    time.sleep(1000)
