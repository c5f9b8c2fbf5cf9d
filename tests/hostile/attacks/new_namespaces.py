"""Get every capability back in namespaces of its own: by unshare, clone and clone3."""

# ends: answer

import ctypes
import os
import platform

CLONE, CLONE3 = {"x86_64": 56, "aarch64": 220}, 435
KINDS = (0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x02000000, 0x04000000, 0x08000000)


def attack(world, won):
    libc = ctypes.CDLL(None)
    for kind in KINDS:
        if libc.unshare(kind) == 0:
            won.append(f"unshare {kind:#x}")
        pid = libc.syscall(CLONE[platform.machine()], ctypes.c_ulong(kind | 17), None, None, None, None)
        if pid == 0:
            os._exit(0)
        if pid > 0:
            won.append(f"clone {kind:#x}")
        arguments = (ctypes.c_uint64 * 11)(kind, 0, 0, 0, 17)
        pid = libc.syscall(CLONE3, arguments, ctypes.sizeof(arguments))
        if pid == 0:
            os._exit(0)
        if pid > 0:
            won.append(f"clone3 {kind:#x}")
