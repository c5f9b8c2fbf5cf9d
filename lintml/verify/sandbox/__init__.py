"""The room that holds document code: a zygote in a cage, one forked child at a time, and a wire without pickle."""

from lintml.verify.sandbox.exchange import Child, Raised, Reply
from lintml.verify.sandbox.limits import (
    Died,
    Level,
    Limits,
    OutOfMemory,
    SandboxError,
    Tampered,
    TimedOut,
    TooManyProcesses,
    TooMuchOutput,
    Unavailable,
)
from lintml.verify.sandbox.plan import Handler, judge_environment
from lintml.verify.sandbox.session import Sandbox
from lintml.verify.sandbox.wire import Array

__all__ = [
    "Array",
    "Child",
    "Died",
    "Handler",
    "Level",
    "Limits",
    "OutOfMemory",
    "Raised",
    "Reply",
    "Sandbox",
    "SandboxError",
    "Tampered",
    "TimedOut",
    "TooManyProcesses",
    "TooMuchOutput",
    "Unavailable",
    "judge_environment",
]
