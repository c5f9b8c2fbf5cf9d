"""Change the modules that the next document will import."""

# ends: answer

import os
import sys


def attack(world, won):
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if isinstance(path, str) and name.split(".")[0] in ("lintml", "engine", "json", "torch"):
            for target in (path, (module.__spec__ and module.__spec__.cached) or path):
                try:
                    os.close(os.open(target, os.O_WRONLY))
                    won.append(target)
                except OSError:
                    pass
