"""Close the scratch folders themselves, and write a note to the next document on them."""

# ends: answer

import os


def attack(world, won):
    for folder in ("/w", "/dev/shm"):
        try:
            os.setxattr(folder, "user.note", b"planted")
            won.append(f"a note on {folder}")
        except OSError:
            pass
        try:
            open(f"{folder}/left", "w").close()
            os.chmod(folder, 0)
        except OSError:
            pass
