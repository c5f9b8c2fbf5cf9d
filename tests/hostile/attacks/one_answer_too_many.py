"""Leave a second answer in the connection, for the next question."""

# ends: answer, Tampered

import json
import os
import struct
import threading
import time


def attack(world, won):
    text = json.dumps({"head": {"id": 1, "nonce": "x", "payload": {"won": []}}, "arrays": []}).encode()

    def late():
        time.sleep(0.02)
        os.write(3, struct.pack("<IQ", len(text), 0) + text)

    threading.Thread(target=late, daemon=True).start()
