"""Close every descriptor, the connection to the judge among them, and go on."""

# ends: Tampered

import os
import time


def attack(world, won):
    os.closerange(0, 1024)
    time.sleep(1000)
