"""Write a passing answer to every descriptor there could be."""

# ends: Tampered

import json
import os
import struct
import time
from contextlib import suppress


def attack(world, won):
    text = json.dumps({"head": {"payload": {"won": []}}, "arrays": []}).encode()
    for fd in range(64):
        with suppress(OSError):
            os.write(fd, struct.pack("<IQ", len(text), 0) + text)
    time.sleep(1000)
