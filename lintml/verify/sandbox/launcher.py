"""The judge's end of the zygote: starts it, as a fresh interpreter or as a fork, and passes on children and endings."""

import json
import os
import signal
import socket
import sys
import time
from typing import Any

from lintml.verify.sandbox import zygote
from lintml.verify.sandbox.limits import Ending, Level, Unavailable
from lintml.verify.sandbox.plan import Plan, environment

_START_SECONDS = 180.0
_SWEEP_SECONDS = 30.0
_CONTROL = 3  # the descriptor of the control socket in the fresh interpreter
_LARGEST_MESSAGE = 1 << 18
# Nothing may be imported before the path is set: the working folder, where anything may lie, stands first in it.
_PROGRAM = (
    "import sys; sys.path[:] = sys.argv[1].split(chr(10)); "
    "from lintml.verify.sandbox import launcher; launcher.become_zygote()"
)


class NotIsolated(Exception):
    """The system does not give the level that was asked for."""


class Launcher:
    """A running zygote; a host of children. Raises NotIsolated, or Unavailable where ``boot`` fails."""

    level: Level

    def __init__(self, plan: Plan, *, fork: bool) -> None:
        self.level = plan.level
        self._control, self._pid = _fork(plan) if fork else _spawn(plan)
        try:
            hello = self._hello()
        except BaseException:
            self.close()
            raise
        self.memory = int(hello["memory"])
        self.facts: dict[str, object] = {"Landlock ABI": hello["landlock"], "process": self._pid}

    def start(self, connection: socket.socket, output: socket.socket) -> socket.socket:
        """See Host."""
        try:
            socket.send_fds(self._control, [b'{"op": "fork"}'], [connection.fileno(), output.fileno()])
        except OSError as error:
            raise Unavailable(f"the zygote is gone: {error}") from None
        return self._control

    def end(self, patience: float) -> Ending | None:
        """See Host."""
        try:
            self._control.send(json.dumps({"op": "end", "patience": patience}).encode())
        except OSError:
            return None
        match self._receive(_SWEEP_SECONDS + patience):
            case {"event": "ended", "code": int() | None as code, "reason": str(reason)}:
                return Ending(code, reason)
            case _:
                return None

    def close(self) -> None:
        """See Host."""
        if self._control.fileno() < 0:
            return
        self._control.close()
        deadline = time.monotonic() + _SWEEP_SECONDS
        while os.waitpid(self._pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                os.kill(self._pid, signal.SIGKILL)
                os.waitpid(self._pid, 0)
                return
            time.sleep(0.001)

    def _hello(self) -> dict[str, Any]:
        match self._receive(_START_SECONDS):
            case {"event": "ready"} as hello:
                return hello
            case {"event": "failed", "stage": "isolate", "error": str(error)}:
                raise NotIsolated(error)
            case message:
                raise Unavailable(f"the sandbox could not start: {message.get('error', 'the zygote is gone')}")

    def _receive(self, seconds: float) -> dict[str, Any]:
        self._control.settimeout(seconds)
        try:
            text = self._control.recv(_LARGEST_MESSAGE)
        except (OSError, TimeoutError) as error:
            return {"error": f"no word from the zygote: {error}"}
        return json.loads(text) if text else {}


def become_zygote() -> None:
    """What the fresh interpreter runs: take the plan from the control socket and never return."""
    channel = socket.socket(fileno=_CONTROL)
    plan = Plan.from_json(channel.recv(_LARGEST_MESSAGE).decode())
    zygote.start(channel.detach(), plan)


def _spawn(plan: Plan) -> tuple[socket.socket, int]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-s", "-B", "-c", _PROGRAM, "\n".join(plan.path)],
            environment(plan.device, "/nonexistent"),
            file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), _CONTROL)],
        )
        ours.send(plan.to_json().encode())
    return ours, pid


def _fork(plan: Plan) -> tuple[socket.socket, int]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        zygote.start(theirs.detach(), plan)
    theirs.close()
    return ours, pid
