"""Hold as much memory as there is."""

# ends: MemoryError, OutOfMemory, TimedOut


def attack(world, won):
    held = []
    while True:
        held.append(b"x" * (16 << 20))
