"""Signal the judge and a bystander by the process numbers they have outside."""

# ends: answer

import os
import signal


def attack(world, won):
    for name in ("judge", "bystander"):
        for number in (signal.SIGKILL, signal.SIGSTOP):
            try:
                os.kill(world[name], number)
                won.append(f"signalled the {name}")
            except (PermissionError, ProcessLookupError):
                pass
