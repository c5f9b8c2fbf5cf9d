"""Signal the zygote through a descriptor of it."""

# ends: answer

import os
import signal


def attack(world, won):
    for target in (os.getppid(), world["judge"], world["bystander"]):
        try:
            signal.pidfd_send_signal(os.pidfd_open(target), signal.SIGKILL)
            won.append(f"signalled {target}")
        except OSError:
            pass
