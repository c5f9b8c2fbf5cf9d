"""What a child puts on itself between the fork and the first line of a document."""

import fcntl
import os
import platform
import resource
import signal
from contextlib import suppress
from dataclasses import dataclass

from lintml.verify.sandbox import kernel, landlock, namespaces, seccomp
from lintml.verify.sandbox.limits import Level, Limits

RPC = 3
_FILE_SIZE = 32 << 20
_OPEN_FILES = 256
_SPARE_THREADS = 32


@dataclass(frozen=True)
class Confinement:
    """What the zygote has worked out for all of its children.

    ``data`` is the private memory in bytes that a child inherits, ``others`` the number of processes of its user that
    are not its own, ``rules`` are None where Landlock is missing; ``cuda`` allows what its driver cannot do without.
    """

    level: Level
    limits: Limits
    data: int
    others: int
    rules: landlock.Ruleset | None
    cuda: bool

    def put_on(self, rpc: int, output: int) -> None:
        """Confine this process for good, with ``rpc`` as descriptor 3, ``output`` as 1 and 2, and no other."""
        highest = os.sysconf("SC_OPEN_MAX")  # what is open may lie above the limit that comes
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # so that the zygote, and no one else, can measure what it shares
        _die_first()
        if self.level == "namespaces":
            os.chdir(namespaces.WORK)
        self._limit()
        if self.level != "rlimits":
            if self.rules is not None:
                self.rules.allow([f"/proc/{os.getpid()}"], "write" if self.cuda else "read")
                self.rules.enforce()
            among = None if self.level == "namespaces" else os.getpid()
            seccomp.install(seccomp.program(platform.machine(), among_others=among, memfd=self.cuda))
        _keep_only(rpc, output, highest)

    def _limit(self) -> None:
        seconds = max(1, int(-(-self.limits.cpu // 1)))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        # not the address space: reserving it costs nothing, and CUDA reserves terabytes
        _lower(resource.RLIMIT_DATA, self.data + self.limits.memory)
        _lower(resource.RLIMIT_FSIZE, min(_FILE_SIZE, self.limits.disk))
        _lower(resource.RLIMIT_NPROC, self.others + self.limits.processes + _SPARE_THREADS)
        _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
        for kind in (resource.RLIMIT_CORE, resource.RLIMIT_MEMLOCK, resource.RLIMIT_MSGQUEUE):
            _lower(kind, 0)


def _die_first() -> None:
    """Where memory runs out for the whole machine, the kernel takes this process and not the judge."""
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _keep_only(rpc: int, output: int, highest: int) -> None:
    rpc, output = (fcntl.fcntl(fd, fcntl.F_DUPFD, 16) for fd in (rpc, output))
    null = os.open(os.devnull, os.O_RDWR)
    for fd, place in ((null, 0), (output, 1), (output, 2), (rpc, RPC)):
        os.dup2(fd, place)
    os.closerange(RPC + 1, highest)
