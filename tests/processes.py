"""Which processes there are below one, and whether they are gone."""

import os
import time
from contextlib import suppress
from pathlib import Path


def all_gone(pids: set[int]) -> bool:
    """Whether these processes end, given a little time."""
    deadline = time.monotonic() + 60
    while (left := any(map(alive, pids))) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not left


def descendants(top: int) -> set[int]:
    """All processes below one."""
    above = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with suppress(OSError):
                above[int(name)] = int(Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1])
    found = {top}
    while more := {pid for pid, parent in above.items() if parent in found} - found:
        found |= more
    return found - {top}


def alive(pid: int) -> bool:
    """Whether a process runs, or may."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
