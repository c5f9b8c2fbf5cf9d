"""Make system calls by the numbers of another instruction set, past a filter that knows one."""

# ends: answer, Died

import ctypes
import mmap
import platform

# getpid by the 32-bit table: mov eax, 20; int 0x80; ret. socket(AF_INET, SOCK_STREAM) by the x32 one: 0x40000029
GETPID_32 = bytes.fromhex("b814000000cd80c3")


def attack(world, won):
    if platform.machine() != "x86_64":
        return
    libc = ctypes.CDLL(None)
    if libc.syscall(0x40000029, 2, 1, 0) >= 0:
        won.append("a socket by x32")
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(GETPID_32)
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    if call() > 0:
        won.append("a 32-bit system call")
