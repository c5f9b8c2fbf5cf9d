"""The Linux system calls that Python 3.10 has no function for, each raising OSError with its own name."""

import ctypes
import os
import platform
from functools import cache

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x20, 0x1000, 0x4000, 0x40000
MNT_DETACH = 2

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_SYS_MOUNT_SETATTR = 442
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_CAPABILITY_VERSION_3 = 0x20080522


def unshare(flags: int) -> None:
    """Move the calling process to new namespaces."""
    _check("unshare", _libc().unshare(flags))


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount ``source`` on ``target``; see mount(2)."""
    result = _libc().mount(
        source.encode(), target.encode(), kind.encode() or None, ctypes.c_ulong(flags), data.encode() or None
    )
    _check(f"mount {target}", result)


def restrict_mount(target: str, flags: int) -> None:
    """Add MS_RDONLY, MS_NOSUID, MS_NODEV or MS_NOEXEC to the mount at ``target`` and all below it. Linux 5.12."""
    attributes = (ctypes.c_uint64 * 4)(flags, 0, 0, 0)  # MOUNT_ATTR_* of these four are the same numbers
    syscall(_SYS_MOUNT_SETATTR, _AT_FDCWD, target.encode(), _AT_RECURSIVE, attributes, ctypes.sizeof(attributes))


def detach(target: str) -> None:
    """Take the mount at ``target`` and all below it out of the tree, now."""
    _check(f"umount {target}", _libc().umount2(target.encode(), MNT_DETACH))


def pivot_root(new: str, old: str) -> None:
    """Make ``new`` the root of this mount namespace and put the former root at ``old``."""
    syscall(_SYS_PIVOT_ROOT[platform.machine()], new.encode(), old.encode())


def prctl(option: int, *arguments: object) -> int:
    """See prctl(2); integers go as unsigned long, the rest as ctypes takes it."""
    padded = [*arguments, 0, 0, 0, 0][:4]
    whole = [ctypes.c_ulong(value) if isinstance(value, int) else value for value in padded]
    return _check(f"prctl {option}", _libc().prctl(option, *whole))


def syscall(number: int, *arguments: object) -> int:
    """A system call by its number."""
    whole = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return _check(f"system call {number}", _libc().syscall(ctypes.c_long(number), *whole))


def drop_capabilities(identity: int | None) -> None:
    """Give up every capability, for this process and all it starts, and become user and group ``identity`` if any."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:  # past the last one, or not ours to drop; without new privileges none comes back
            break
    if identity is not None:
        os.setgroups([])
        os.setresgid(identity, identity, identity)
        os.setresuid(identity, identity, identity)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    _check("capset", _libc().capset(header, (ctypes.c_uint32 * 6)()))
    prctl(PR_SET_NO_NEW_PRIVS, 1)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(name: str, result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result
