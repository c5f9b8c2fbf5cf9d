"""Fill the buffers of as many pipes and socket pairs as there may be."""

# ends: answer, OSError

import os
import socket


def attack(world, won):
    for make in (os.pipe, socket.socketpair):
        try:
            while True:
                _, write = make()
                fd = write if isinstance(write, int) else write.detach()
                os.set_blocking(fd, False)
                try:
                    while True:
                        os.write(fd, b"x" * (1 << 16))
                except BlockingIOError:
                    continue
        except OSError:
            continue
