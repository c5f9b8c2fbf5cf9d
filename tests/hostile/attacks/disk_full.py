"""Fill the disk."""

# ends: answer

import os


def attack(world, won):
    for folder in ("/w", "/dev/shm", "/tmp", world["folder"]):
        total = 0
        try:
            for number in range(64):
                with open(os.path.join(folder, f"full{number}"), "wb") as file:
                    for _ in range(16):
                        total += file.write(b"x" * (1 << 20))
                        file.flush()
        except OSError:
            pass
        if total > 16 << 20:
            won.append(f"{total} bytes in {folder}")
