"""Lower the priority of the zygote and pin it to one processor."""

# ends: answer

import os


def attack(world, won):
    for target in (os.getppid(), 1):
        for deed in (
            lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 19),
            lambda pid: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)),
            lambda pid: os.sched_setaffinity(pid, {0}),
        ):
            try:
                deed(target)
                won.append(f"slowed {target}")
            except OSError:
                pass
