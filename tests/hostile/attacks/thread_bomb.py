"""Start threads without end."""

# ends: RuntimeError, TimedOut

import threading
import time


def attack(world, won):
    for _ in range(10_000):
        threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
    won.append("ten thousand threads")
