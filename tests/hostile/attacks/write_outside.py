"""Write into folders of the system, of Python, of lintml, of the user."""

# ends: answer

import os
import sys
import tempfile


def attack(world, won):
    folders = ["/", "/etc", "/usr/lib", "/tmp", "/root", "/dev", "/proc", "/sys", "/run", "/home", world["folder"]]
    folders += [sys.prefix, os.path.dirname(os.__file__), tempfile.__file__ + "/..", *(p for p in sys.path if p)]
    for folder in folders:
        path = os.path.join(folder, "planted")
        try:
            with open(path, "w") as file:
                file.write("planted")
            won.append(path)
        except OSError:
            pass
