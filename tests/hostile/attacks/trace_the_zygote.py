"""Attach to the zygote as a debugger."""

# ends: answer

import ctypes
import os

PTRACE_ATTACH, PTRACE_SEIZE = 16, 0x4206


def attack(world, won):
    libc = ctypes.CDLL(None)
    for target in (os.getppid(), 1, world["judge"], world["bystander"]):
        for request in (PTRACE_ATTACH, PTRACE_SEIZE):
            if libc.ptrace(request, target, None, None) == 0:
                won.append(f"traced {target}")
