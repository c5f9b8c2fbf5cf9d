"""Climb out of the root: through .., /proc/*/root and /proc/*/cwd, chroot and open handles."""

# ends: answer

import ctypes
import os


def attack(world, won):
    try:
        os.chroot("/w")
        won.append("chroot")
    except OSError:
        pass
    for path in (
        "/" + "../" * 64,
        "/old",
        f"/proc/{os.getppid()}/root",
        f"/proc/{os.getppid()}/cwd",
        "/proc/1/root",
        "/proc/1/cwd",
        f"/proc/{world['judge']}/root",
    ):
        try:
            os.close(os.open(f"{path}{world['folder']}/precious", os.O_RDONLY))
            won.append(path)
        except OSError:
            pass
    handle = ctypes.create_string_buffer(b"\x08\0\0\0\x01\0\0\0\x02\0\0\0\0\0\0\0", 16)
    if ctypes.CDLL(None).open_by_handle_at(-100, handle, 0) >= 0:
        won.append("a file handle")
