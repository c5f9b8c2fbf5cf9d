"""Hold memory as a file without a name."""

# ends: answer

import os


def attack(world, won):
    try:
        fd = os.memfd_create("hidden")
    except OSError:
        return
    for _ in range(64):
        os.write(fd, b"x" * (16 << 20))
    won.append("a gigabyte in memfd")
