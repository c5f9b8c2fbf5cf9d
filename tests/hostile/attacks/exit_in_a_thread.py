"""Exit from another thread while the call is still running."""

# ends: Died

import os
import threading
import time


def attack(world, won):
    threading.Thread(target=os._exit, args=(0,)).start()
    time.sleep(1000)
