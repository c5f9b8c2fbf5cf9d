"""Read and write the zygote's memory."""

# ends: answer

import ctypes
import os


def attack(world, won):
    libc = ctypes.CDLL(None)
    target = os.getppid()
    page = ctypes.create_string_buffer(64)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(page), 64)
    for call in (libc.process_vm_readv, libc.process_vm_writev):
        if call(target, vector, 1, vector, 1, 0) > 0:
            won.append(f"{call} worked")
    for pid in (target, 1, world["judge"], world["bystander"]):
        for name in ("mem", "environ", "maps", "auxv", "stack"):
            try:
                with open(f"/proc/{pid}/{name}", "rb") as file:
                    if file.read(1):
                        won.append(f"read {name} of {pid}")
            except OSError:
                pass
