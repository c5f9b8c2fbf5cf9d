"""Reach the corners of the kernel where its holes are found."""

# ends: answer

import ctypes
import platform

X86 = {"bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "add_key": 248, "keyctl": 250, "syslog": 103}
ARM = {"bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "add_key": 217, "keyctl": 219, "syslog": 116}
BOTH = {"io_uring_setup": 425, "memfd_secret": 447, "process_madvise": 440, "a call of next year": 600}


def attack(world, won):
    libc = ctypes.CDLL(None)
    room = ctypes.create_string_buffer(4096)
    for name, number in ({**X86, **BOTH} if platform.machine() == "x86_64" else {**ARM, **BOTH}).items():
        if libc.syscall(number, 0, room, 128, 0, 0, 0) >= 0:
            won.append(name)
