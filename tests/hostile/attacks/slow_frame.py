"""Announce a frame and never finish it."""

# ends: TimedOut

import os
import struct
import time


def attack(world, won):
    os.write(3, struct.pack("<IQ", 1000, 0))
    while True:
        os.write(3, b" ")
        time.sleep(0.01)
