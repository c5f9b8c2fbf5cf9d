"""Leave links behind through which cleaning up would reach files elsewhere."""

# ends: answer

import os


def attack(world, won):
    try:
        for number, target in enumerate((world["folder"], f"{world['folder']}/precious", "/", "/proc/self/root")):
            os.symlink(target, f"/w/link{number}")
        os.mkdir("/w/folder")
        os.symlink("..", "/w/folder/up")
        os.mkfifo("/w/fifo")
    except OSError:
        pass
    for source in (f"{world['folder']}/precious", "/etc/passwd", os.__file__):
        try:
            os.link(source, "/w/hard")
            won.append(f"a hard link to {source}")
        except OSError:
            pass
