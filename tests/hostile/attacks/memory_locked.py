"""Lock memory so that it cannot be paged out."""

# ends: answer

import ctypes


def attack(world, won):
    libc = ctypes.CDLL(None)
    page = ctypes.create_string_buffer(1 << 20)
    if libc.mlock(page, 1 << 20) == 0:
        won.append("locked a megabyte")
    if libc.mlockall(3) == 0:
        won.append("locked everything")
