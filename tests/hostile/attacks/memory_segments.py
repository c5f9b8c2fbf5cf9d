"""Hold System V shared memory, which outlives its process."""

# ends: answer

import ctypes


def attack(world, won):
    for _ in range(64):
        if ctypes.CDLL(None).shmget(0, ctypes.c_size_t(16 << 20), 0o1600) >= 0:
            won.append("a segment")
