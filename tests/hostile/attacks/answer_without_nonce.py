"""Answer before the handler does, with a nonce of its own making."""

# ends: Tampered

import json
import os
import struct
import time


def attack(world, won):
    text = json.dumps({"head": {"id": 1, "nonce": "0" * 32, "payload": {"won": []}}, "arrays": []}).encode()
    os.write(3, struct.pack("<IQ", len(text), 0) + text)
    time.sleep(1000)
