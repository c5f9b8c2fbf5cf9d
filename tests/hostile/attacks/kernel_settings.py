"""Change settings of the kernel through /proc and /sys."""

# ends: answer

import os


def attack(world, won):
    for path in (
        "/proc/sys/kernel/core_pattern",
        "/proc/sys/vm/overcommit_memory",
        "/proc/sys/kernel/hostname",
        "/proc/sysrq-trigger",
        "/proc/1/oom_score_adj",
        f"/proc/{os.getppid()}/oom_score_adj",
        "/sys/kernel/mm/transparent_hugepage/enabled",
        "/sys/devices/system/cpu/cpu0/online",
    ):
        try:
            os.close(os.open(path, os.O_WRONLY))
            won.append(path)
        except OSError:
            pass
