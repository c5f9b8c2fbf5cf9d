"""Signal the zygote, whatever its number, and everything else that can be signalled."""

# ends: answer, Died

import os
import signal
from contextlib import suppress


def attack(world, won):
    for target in (os.getppid(), 1, -1):
        for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            with suppress(OSError):
                os.kill(target, number)
