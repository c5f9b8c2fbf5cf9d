"""Join the namespaces of another process."""

# ends: answer

import ctypes
import os


def attack(world, won):
    libc = ctypes.CDLL(None)
    for target in (os.getppid(), 1, world["judge"], world["bystander"]):
        for kind in ("mnt", "net", "pid", "user"):
            try:
                fd = os.open(f"/proc/{target}/ns/{kind}", os.O_RDONLY)
            except OSError:
                continue
            if libc.setns(fd, 0) == 0:
                won.append(f"{kind} of {target}")
