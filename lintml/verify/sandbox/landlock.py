"""Landlock (Linux 5.13): which files a child may open, and that it may signal nothing outside itself.

The rules are gathered once, in the zygote, and each child puts them on itself. See landlock(7) for what each version
of the interface (ABI) can restrict.
"""

import ctypes
import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal, TypeAlias

from lintml.verify.sandbox import kernel

Access: TypeAlias = Literal["read", "write"]

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_FILES_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_FILES_LATEST = (1 << 16) - 1
_NET = 0b11  # bind and connect TCP, since ABI 4
_SCOPES = 0b11  # abstract sockets and signals, since ABI 6


def abi() -> int:
    """The version of Landlock that the kernel offers; 0 for none."""
    try:
        return kernel.syscall(_CREATE_RULESET, None, 0, _CREATE_VERSION)
    except OSError:
        return 0


class Ruleset:
    """What may be opened; everything that no rule names may not."""

    def __init__(self) -> None:
        version = abi()
        self._files = _FILES_BY_ABI.get(version, _FILES_LATEST)
        handled = struct.pack("<Q", self._files)
        handled += struct.pack("<Q", _NET) if version >= 4 else b""
        handled += struct.pack("<Q", _SCOPES) if version >= 6 else b""
        self.fd = kernel.syscall(_CREATE_RULESET, ctypes.c_char_p(handled), len(handled), 0)

    def allow(self, paths: Sequence[str], access: Access) -> None:
        """Allow reading and executing, or writing too, of these files and of all beneath these folders, where there."""
        rights = self._files & (_READ if access == "read" else ~0)
        for path in paths:
            with suppress(FileNotFoundError, PermissionError):
                fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
                try:
                    allowed = rights if os.path.isdir(path) else rights & _OF_A_FILE
                    rule = ctypes.c_char_p(struct.pack("<Qi", allowed, fd))
                    kernel.syscall(_ADD_RULE, self.fd, _PATH_BENEATH, rule, 0)
                finally:
                    os.close(fd)

    def enforce(self) -> None:
        """Hold the calling thread and all it starts to the rules, for good; needs no_new_privs."""
        kernel.syscall(_RESTRICT_SELF, self.fd, 0)
