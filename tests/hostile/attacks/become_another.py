"""Become root, another user, another group; take capabilities; drop the promise not to."""

# ends: answer

import ctypes
import os
import stat
import subprocess


def attack(world, won):
    libc = ctypes.CDLL(None)
    for deed in (
        lambda: os.setresuid(0, 0, 0) if os.getuid() else None.never,
        lambda: os.setresuid(1, 1, 1),
        lambda: os.setresgid(5, 5, 5),
        lambda: os.setgroups([0, 5]),
    ):
        try:
            deed()
            won.append("became another")
        except (OSError, AttributeError):
            pass
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)(0xFFFFFFFF, 0xFFFFFFFF, 0, 0xFFFFFFFF, 0xFFFFFFFF, 0)) == 0:
        won.append("took capabilities")
    with open("/proc/self/status") as status:
        lines = dict(line.split(":\t") for line in status if line.startswith(("Cap", "NoNewPrivs", "Seccomp:")))
    if any(int(lines[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")):
        won.append("has capabilities")
    if lines["NoNewPrivs"].strip() != "1" or lines["Seccomp"].strip() != "2":
        won.append("is not confined")
    for path in ("/usr/bin/su", "/usr/bin/sudo", "/bin/mount"):
        if os.path.exists(path) and os.stat(path).st_mode & stat.S_ISUID:
            try:
                if subprocess.run([path, "--version"], capture_output=True).returncode == 0 and os.geteuid() == 0:
                    won.append(path)
            except OSError:
                pass
