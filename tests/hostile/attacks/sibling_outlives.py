"""Become the zygote's child rather than the document's, with CLONE_PARENT, and live on."""

# ends: answer

import ctypes
import os
import platform
import signal
import time

CLONE = {"x86_64": 56, "aarch64": 220}


def attack(world, won):
    libc = ctypes.CDLL(None)
    flags = 0x8000 | signal.SIGCHLD
    if libc.syscall(CLONE[platform.machine()], ctypes.c_ulong(flags), None, None, None, None) == 0:
        libc.setsid()
        time.sleep(1000)
    os.getpid()
