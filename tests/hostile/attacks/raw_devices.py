"""Read the disk, the memory and the terminal as devices, or make nodes for them."""

# ends: answer

import os
import stat


def attack(world, won):
    for path in ("/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/mem", "/dev/kmsg", "/dev/tty", "/dev/ptmx", "/dev/fuse"):
        try:
            os.close(os.open(path, os.O_RDONLY))
            won.append(path)
        except OSError:
            pass
    for folder in ("/w", "/dev/shm"):
        for device in (os.makedev(8, 0), os.makedev(1, 1)):
            try:
                os.mknod(f"{folder}/node{device}", stat.S_IFBLK | 0o600, device)
                won.append(f"a node in {folder}")
            except OSError:
                pass
