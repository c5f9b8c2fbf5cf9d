"""Leave a tree behind that is deeper than any path or stack, with folders that may not be opened."""

# ends: answer

import os


def attack(world, won):
    try:
        os.chdir("/w")
        for _ in range(3000):
            os.mkdir("d")
            os.chdir("d")
        os.mkdir("locked", 0)
        os.chmod(".", 0)
    except OSError:
        pass
