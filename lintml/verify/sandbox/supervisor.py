"""The zygote's watch over one child: its memory, its processes, its end, and that nothing of it stays behind."""

import os
import select
import signal
import time
from contextlib import suppress
from itertools import count

from lintml.verify.sandbox import namespaces
from lintml.verify.sandbox.limits import Ending, Limits

_QUICK, _SLOW, _SLOW_AMONG_OTHERS = 0.002, 0.02, 0.05
_KIB = 1024


class Supervisor:
    """Watches the children of this process; ``alone`` says that this process is pid 1 of a namespace of its own."""

    def __init__(self, limits: Limits, *, alone: bool) -> None:
        self._limits = limits
        self._alone = alone
        self._own = memory_of(os.getpid())
        self._ended: dict[int, int] = {}

    def watch(self, child: int, control: int) -> Ending | None:
        """Wait until the child or the judge ends, or a limit breaks; None once ``control`` has something to read."""
        judge = os.getppid()
        pidfd = os.pidfd_open(child)
        try:
            poller = select.poll()
            poller.register(pidfd, select.POLLIN)
            poller.register(control, select.POLLIN)
            pause = _QUICK
            while True:
                ready = {fd for fd, _ in poller.poll(pause * 1000)}
                self._reap()
                if child in self._ended:
                    return Ending(self._ended[child])
                if control in ready:
                    return None
                if os.getppid() != judge:
                    return Ending(None)
                if reason := self._broken():
                    return Ending(None, reason)
                pause = min(pause * 1.5, _SLOW if self._alone else _SLOW_AMONG_OTHERS)
        finally:
            os.close(pidfd)

    def grace(self, child: int, patience: float) -> Ending:
        """The child's ending, for which it has ``patience`` seconds."""
        deadline = time.monotonic() + patience
        while True:
            self._reap()
            if child in self._ended:
                return Ending(self._ended[child])
            if time.monotonic() >= deadline:
                return Ending(None)
            time.sleep(0.001)

    def sweep(self) -> None:
        """Kill the child and all that it started, and wipe what they wrote."""
        if self._alone:
            with suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            with suppress(ChildProcessError):
                while True:
                    os.waitpid(-1, 0)
            wipe(namespaces.WORK)
            wipe(namespaces.SHARED_MEMORY)
        else:
            self._sweep_descendants()
        self._ended.clear()

    def _sweep_descendants(self) -> None:
        """Orphans come to this process, a subreaper; all are stopped before any is killed, so that none outruns it."""
        stopped: set[int] = set()
        while fresh := set(descendants()) - stopped:
            _signal(fresh, signal.SIGSTOP)
            stopped |= fresh
        with suppress(ChildProcessError):
            while True:
                _signal(set(descendants()), signal.SIGKILL)
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
                time.sleep(0.001)

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                self._ended[pid] = os.waitstatus_to_exitcode(status)

    def _broken(self) -> str:
        pids = self._pids()
        if len(pids) > self._limits.processes:
            return "processes"
        if sum(map(memory_of, pids)) <= self._limits.memory:
            return ""
        # forks share the zygote's pages; only a proportional count, which is slow, tells what they added
        total = sum(share_of(pid) for pid in [os.getpid(), *pids])
        return "memory" if total - self._own > self._limits.memory else ""

    def _pids(self) -> list[int]:
        if self._alone:
            return [int(name) for name in os.listdir("/proc") if name.isdecimal() and name != "1"]
        return descendants()


def memory_of(pid: int) -> int:
    """Bytes of memory that are not backed by a file; 0 for a process that is gone."""
    return _sum_of(f"/proc/{pid}/status", "RssAnon:", "RssShmem:")


def data_of(pid: int) -> int:
    """Bytes that RLIMIT_DATA counts."""
    return _sum_of(f"/proc/{pid}/status", "VmData:")


def share_of(pid: int) -> int:
    """As ``memory_of``, with a shared page counted in equal parts; a process that hides its pages counts in full."""
    return _sum_of(f"/proc/{pid}/smaps_rollup", "Pss_Anon:", "Pss_Shmem:") or memory_of(pid)


def descendants() -> list[int]:
    """All processes below this one, zombies left out."""
    parent: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                state, above = file.read().rpartition(b")")[2].split()[:2]
                if state != b"Z":
                    parent[int(name)] = int(above)
    own = os.getpid()
    return [pid for pid in parent if _is_below(pid, own, parent)]


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def wipe(folder: str) -> None:
    """Empty a folder however deep; a step at a time, since a hostile tree is deeper than any stack."""
    os.chmod(folder, 0o700)
    names = (f"{folder}/.lintml-{number}" for number in count())
    while entries := list(os.scandir(folder)):
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.path)
                continue
            os.chmod(entry.path, 0o700)
            for inner in list(os.scandir(entry.path)):
                if inner.is_dir(follow_symlinks=False):
                    os.chmod(inner.path, 0o700)  # a folder is moved only by who may write it
                    os.rename(inner.path, next(name for name in names if not os.path.lexists(name)))
                else:
                    os.unlink(inner.path)
            os.rmdir(entry.path)


def _is_below(pid: int, top: int, parent: dict[int, int]) -> bool:
    while pid in parent:
        pid = parent[pid]
        if pid == top:
            return True
    return False


def _sum_of(path: str, *fields: str) -> int:
    total = 0
    with suppress(OSError), open(path, encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith(fields):
                total += int(line.split()[1]) * _KIB
    return total
