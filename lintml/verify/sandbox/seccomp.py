"""A seccomp filter, assembled by hand: the system calls that no snippet needs and an escape would.

A call on the list fails with EPERM; one that is newer than the list with ENOSYS, as on an older kernel, so that the C
library takes its older way. x86-64 and aarch64; elsewhere there is no filter.
"""

import ctypes
import platform
import struct
from collections.abc import Iterator
from functools import cache

from lintml.verify.sandbox import kernel

# name: (x86-64, aarch64); the second column is include/uapi/asm-generic/unistd.h, None where the call does not exist
DENIED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    # memory that no limit counts
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmctl": (31, 195),
    "shmat": (30, 196),
    "shmdt": (67, 197),
    "semget": (64, 190),
    "semctl": (66, 191),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgctl": (71, 187),
    "msgrcv": (70, 188),
    "msgsnd": (69, 189),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # notes to a later process, on files and folders that stay
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    # the kernel's rarely trodden ground
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "personality": (135, 92),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "lookup_dcookie": (212, 18),
    # the machine
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "acct": (163, 89),
    "syslog": (103, 116),
    "iopl": (172, None),
    "ioperm": (173, None),
    "vhangup": (153, 58),
}
# what Landlock does not see, of files that belong to the user
METADATA: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
}
MEMFD_CREATE, SOCKET = (319, 279), (41, 198)
CLONE, CLONE3 = (56, 220), (435, 435)
PRLIMIT, SCHED_SETAFFINITY = (302, 261), (203, 122)
FCNTL, IOCTL = (72, 25), (16, 29)
KILL, TGKILL, QUEUE, TGQUEUE, TKILL = (62, 129), (234, 131), (129, 138), (297, 240), (200, 130)
LAST_KNOWN = 462

_NEW_NAMESPACES = (
    kernel.CLONE_NEWNS
    | kernel.CLONE_NEWCGROUP
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
)
_OWNERS = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: a signal to any process, sent by the kernel
_TERMINAL_AND_OWNERS = (0x5412, 0x541C, 0x8901, 0x8902)  # TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_EPERM, _ENOSYS = 1, 38
_AF_UNIX = 1
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _EQUAL, _ABOVE, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_NUMBER, _ARCHITECTURE = 0, 4
_MODE_FILTER = 2


def supported(machine: str = "") -> bool:
    """Whether there is a table of system calls for the machine."""
    return (machine or platform.machine()) in _MACHINES


@cache
def program(machine: str, *, among_others: int | None = None, memfd: bool = False) -> bytes:
    """The filter as classic BPF, for a child alone in its namespaces or for one, ``among_others``, of this process id.

    Among others signals go to the child itself alone, there are no sockets, and no file changes its mode, owner or
    dates; alone it may have Unix sockets, whose other end can only be its own (a data loader's workers hand over
    tensors so). ``memfd`` allows memfd_create, which CUDA needs.
    """
    column, architecture = _MACHINES[machine]
    return b"".join(_instructions(column, architecture, among_others, memfd))


def install(code: bytes) -> None:
    """Hold the calling thread and all it starts to the filter, for good; needs no_new_privs."""
    instructions = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(instructions))
    kernel.prctl(kernel.PR_SET_SECCOMP, _MODE_FILTER, ctypes.c_char_p(header))


def _instructions(column: int, architecture: int, among_others: int | None, memfd: bool) -> Iterator[bytes]:
    yield _op(_LOAD, _ARCHITECTURE)
    yield _op(_EQUAL, architecture, 1, 0)
    yield _op(_RETURN, _KILL_PROCESS)
    yield _op(_LOAD, _NUMBER)
    yield _op(_ABOVE, LAST_KNOWN, 0, 1)  # also the x32 calls, which have bit 30
    yield _op(_RETURN, _ERRNO | _ENOSYS)
    yield from _refuse(CLONE3[column], _ENOSYS)  # its flags are out of a filter's reach; clone serves as well
    for numbers in DENIED.values():
        yield from _refuse(numbers[column])
    if not memfd:
        yield from _refuse(MEMFD_CREATE[column])
    yield from _only_if(CLONE[column], 0, [_op(_ANY_BIT, _NEW_NAMESPACES, 0, 1), _op(_RETURN, _ERRNO | _EPERM)])
    yield from _only_if(PRLIMIT[column], 0, _must_equal(0))
    yield from _only_if(SCHED_SETAFFINITY[column], 0, _must_equal(0))
    yield from _only_if(FCNTL[column], 1, _must_not_equal(_OWNERS))
    yield from _only_if(IOCTL[column], 1, _must_not_equal(_TERMINAL_AND_OWNERS))
    if among_others is None:
        yield from _only_if(SOCKET[column], 0, _must_equal(_AF_UNIX))
    else:
        yield from _refuse(SOCKET[column])
        yield from _refuse(TKILL[column])
        for numbers in METADATA.values():
            yield from _refuse(numbers[column])
        for numbers in (KILL, TGKILL, QUEUE, TGQUEUE):
            yield from _only_if(numbers[column], 0, _must_equal(among_others))
    yield _op(_RETURN, _ALLOW)


def _refuse(number: int | None, error: int = _EPERM) -> Iterator[bytes]:
    if number is not None:
        yield _op(_EQUAL, number, 0, 1)
        yield _op(_RETURN, _ERRNO | error)


def _only_if(number: int, argument: int, tests: list[bytes]) -> Iterator[bytes]:
    """For this call, run ``tests`` on the low half of one argument (the kernel reads an int) and allow what passes."""
    yield _op(_EQUAL, number, 0, len(tests) + 2)
    yield _op(_LOAD, 16 + 8 * argument)
    yield from tests
    yield _op(_RETURN, _ALLOW)


def _must_equal(value: int) -> list[bytes]:
    return [_op(_EQUAL, value, 1, 0), _op(_RETURN, _ERRNO | _EPERM)]


def _must_not_equal(values: tuple[int, ...]) -> list[bytes]:
    return [op for value in values for op in (_op(_EQUAL, value, 0, 1), _op(_RETURN, _ERRNO | _EPERM))]


def _op(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, operand)
