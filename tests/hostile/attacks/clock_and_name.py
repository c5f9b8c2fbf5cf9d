"""Set the clock, the host's name, the terminal's input; reboot; load a module."""

# ends: answer

import ctypes
import fcntl
import time

TIOCSTI = 0x5412


def attack(world, won):
    libc = ctypes.CDLL(None)
    if libc.sethostname(b"planted", 7) == 0:
        won.append("named the host")
    try:
        time.clock_settime(time.CLOCK_REALTIME, time.time())
        won.append("set the clock")
    except OSError:
        pass
    if libc.reboot(0) == 0:
        won.append("rebooted")
    for fd in range(4):
        try:
            fcntl.ioctl(fd, TIOCSTI, b"!")
            won.append("typed")
        except OSError:
            pass
