"""Register code for the end of the process, of the thread, of an object."""

# ends: answer

import atexit
import os
import time
import weakref


class Clingy:
    def __del__(self):
        time.sleep(1000)


def attack(world, won):
    atexit.register(time.sleep, 1000)
    os.register_at_fork(before=lambda: time.sleep(1000), after_in_child=lambda: time.sleep(1000))
    attack.kept = Clingy()
    weakref.finalize(attack, time.sleep, 1000)
