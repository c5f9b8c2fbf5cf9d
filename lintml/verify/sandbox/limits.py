"""What a child may use, and the ways in which a call can end badly."""

import signal as signals
from dataclasses import dataclass
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["namespaces", "docker", "landlock", "seatbelt", "rlimits"]
"""What holds a child, strongest first.

``namespaces``: a private machine, with seccomp, and Landlock where the kernel has it; ``docker``: a container;
``landlock``: Landlock and seccomp on the machine as it is; ``seatbelt``: what macOS has of that; ``rlimits``: only
limits, which keep no secret.
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """Budgets of one child.

    ``wall`` is seconds per call, ``cpu`` seconds of processor time over the child's life (whole seconds, rounded up);
    ``memory`` is bytes of private and shared memory above what the zygote already had; ``processes`` counts the child
    and all it starts; ``output`` is bytes printed in one call; ``disk`` is bytes of ``/w`` and of ``/dev/shm`` each.
    """

    wall: float = 10.0
    cpu: float = 20.0
    memory: int = 2 << 30
    processes: int = 32
    output: int = 4 << 20
    disk: int = 64 << 20

    def __post_init__(self) -> None:
        if min(self.wall, self.cpu, self.memory, self.processes, self.output, self.disk) <= 0:
            raise ValueError(f"limits must be positive: {self}")


@dataclass(frozen=True, slots=True)
class Ending:
    """How a child ended: its exit code (negative for a signal) where it ended by itself, else why it was killed.

    ``reason`` is ``memory``, ``processes``, or empty where it was asked to end.
    """

    code: int | None
    reason: str = ""


class SandboxError(Exception):
    """A call that gave no answer; its child is gone."""


class Unavailable(SandboxError):
    """The sandbox could not be started, or its zygote is gone."""


class TimedOut(SandboxError):
    """The call took longer than its wall or processor time."""


class OutOfMemory(SandboxError):
    """The child and what it started held more memory than allowed."""


class TooManyProcesses(SandboxError):
    """The child started more processes than allowed."""


class TooMuchOutput(SandboxError):
    """The child printed more than allowed in one call."""


class Tampered(SandboxError):
    """The child sent what no honest handler sends: a malformed, unsolicited or oversize frame, or the wrong nonce."""


class Died(SandboxError):
    """The child ended without an answer: ``signal`` it was killed by, or ``status`` it exited with."""

    def __init__(self, *, signal: int | None = None, status: int | None = None) -> None:
        self.signal = signal
        self.status = status
        super().__init__(f"killed by {_signal_name(signal)}" if signal is not None else f"exited with status {status}")


def _signal_name(number: int | None) -> str:
    try:
        return signals.Signals(number or 0).name
    except ValueError:
        return f"signal {number}"
