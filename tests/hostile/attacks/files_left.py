"""Leave files where the next document would find them."""

# ends: answer

import os


def attack(world, won):
    for folder in ("/w", "/dev/shm", "/w/sub"):
        try:
            os.makedirs(folder, exist_ok=True)
            for name in ("sitecustomize.py", "torch.py", ".hidden", "a name\nwith a line"):
                with open(os.path.join(folder, name), "w") as file:
                    file.write("planted = True")
        except OSError:
            pass
