"""Send JSON that is nested deeper than a parser can go."""

# ends: Tampered

import os
import struct
import time


def attack(world, won):
    text = b"[" * 200_000
    data = struct.pack("<IQ", len(text), 0) + text
    while data:
        data = data[os.write(3, data) :]
    time.sleep(1000)
