"""Work without end in C, where no signal handler of Python runs."""

# ends: TimedOut, MemoryError


def attack(world, won):
    return 9**9**9
