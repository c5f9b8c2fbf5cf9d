"""Announce a frame of sixteen exabytes."""

# ends: Tampered

import os
import struct
import time


def attack(world, won):
    os.write(3, struct.pack("<IQ", 2**32 - 1, 2**64 - 1))
    time.sleep(1000)
