"""Mount, unmount and remount, by the old calls and the new."""

# ends: answer

import ctypes


def attack(world, won):
    libc = ctypes.CDLL(None)
    if libc.mount(b"tmpfs", b"/w", b"tmpfs", 0, None) == 0:
        won.append("mounted")
    if libc.mount(b"none", b"/", None, 0x1020, None) == 0:
        won.append("remounted /")
    for target in (b"/w", b"/proc", b"/dev/shm"):
        if libc.umount2(target, 2) == 0:
            won.append(f"unmounted {target}")
    for number in (428, 429, 430, 432, 433, 442, 467):
        if libc.syscall(number, -100, b"/", 0, 0, 0, 0) >= 0:
            won.append(f"system call {number}")
