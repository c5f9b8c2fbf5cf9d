"""Leave a process behind that belongs to no one and outlives the document."""

# ends: answer

import os
import time


def attack(world, won):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 256)
            time.sleep(1000)
        os._exit(0)
