"""Put objects in place of the standard streams that fail, print and raise."""

# ends: answer

import sys


class Stream:
    def write(self, text):
        raise MemoryError

    def flush(self):
        raise SystemExit(0)

    def __getattr__(self, name):
        raise KeyboardInterrupt


def attack(world, won):
    sys.stdout = sys.stderr = sys.__stdout__ = Stream()
