"""Hold shared memory, which no resource limit counts."""

# ends: OutOfMemory, OSError, TimedOut

import mmap


def attack(world, won):
    held = []
    for _ in range(64):
        held.append(mmap.mmap(-1, 16 << 20))
        held[-1].write(b"x" * (16 << 20))
    won.append("a gigabyte of shared memory")
