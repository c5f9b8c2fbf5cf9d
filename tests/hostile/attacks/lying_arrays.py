"""Send arrays whose shapes do not fit their bytes."""

# ends: Tampered

import json
import os
import struct
import time


def attack(world, won):
    arrays = [["x", "float64", [1 << 20, 1 << 20, 1 << 20]]]
    text = json.dumps({"head": {"id": 1, "nonce": "", "payload": {}}, "arrays": arrays}).encode()
    os.write(3, struct.pack("<IQ", len(text), 8) + text + bytes(8))
    time.sleep(1000)
