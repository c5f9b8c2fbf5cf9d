"""The judge's side: a sandbox that owns a zygote, and one child at a time to put questions to."""

import itertools
import json
import os
import secrets
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from lintml.verify.sandbox import zygote
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
from lintml.verify.sandbox.plan import Plan, environment, import_path, readable
from lintml.verify.sandbox.wire import Array, Malformed, Reader, pack

_LADDER: tuple[Level, ...] = ("namespaces", "landlock", "rlimits")
_START_SECONDS = 180.0
_SWEEP_SECONDS = 10.0
_CONTROL = 3  # the descriptor of the control socket in the fresh interpreter
_CHUNK = 1 << 18
_PRINTED = 1 << 16

_PROGRAM = (
    "import sys; sys.path[:] = __import__('json').loads(sys.argv[1]); "
    "from lintml.verify.sandbox import session; session.become_zygote()"
)


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception that the document's code raised; ``line`` counts in the source that came from no file."""

    type: str
    message: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Reply:
    """A child's answer, which is a claim and no proof; where ``error`` is set, payload and arrays are empty.

    ``printed`` is the first 64 KiB of what the call wrote to standard output and error.
    """

    payload: dict[str, Any]
    arrays: dict[str, Array]
    printed: str
    error: Raised | None = None


class Sandbox:
    """A zygote and its isolation; a context manager.

    ``boot`` is ``package.module:function``, called once in the isolated zygote; what it returns answers the calls in
    each child. The zygote lives no longer than the thread that made it. With ``fork`` it starts as a fork of this
    process, which then must have one thread and no secret in its memory, and which shares with it what it has imported;
    otherwise it is a fresh interpreter. ``level`` is the strongest isolation that the system gave, ``strongest`` the
    one to try first. Unavailable is raised where only ``rlimits`` is left and ``allow_unsafe`` is not set, and where
    ``boot`` fails.
    """

    level: Level
    memory: int
    landlock: int

    def __init__(
        self,
        *,
        boot: str,
        limits: Limits,
        device: str = "cpu",
        allow_unsafe: bool = False,
        fork: bool = False,
        strongest: Level = "namespaces",
    ) -> None:
        self.limits = limits
        self._numbers = itertools.count(1)
        self._child: Child | None = None
        refused: list[str] = []
        for level in _LADDER[_LADDER.index(strongest) :]:
            if level == "rlimits" and not allow_unsafe:
                break
            plan = Plan(boot, level, limits, device, readable(), import_path())
            self._control, self._pid = _fork_zygote(plan) if fork else _spawn_zygote(plan)
            hello = self._receive(_START_SECONDS)
            if hello["event"] == "ready":
                self.level, self.memory, self.landlock = level, hello["memory"], hello["landlock"]
                return
            self.close()
            if hello.get("stage") != "isolate":
                raise Unavailable(f"the sandbox could not {hello.get('stage', 'start')}: {hello.get('error', '')}")
            refused.append(f"{level}: {hello['error']}")
        raise Unavailable("no isolation beyond resource limits on this system (" + "; ".join(refused) + ")")

    def child(self) -> "Child":
        """A fresh child, forked from the zygote; the one before must be closed."""
        if self._child is not None:
            raise RuntimeError("a sandbox has one child at a time")
        ours, theirs = socket.socketpair()
        output, printed = os.pipe()
        number = next(self._numbers)
        try:
            message = json.dumps({"op": "fork", "child": number}).encode()
            socket.send_fds(self._control, [message], [theirs.fileno(), printed])
        except OSError as error:
            ours.close()
            os.close(output)
            raise Unavailable(f"the zygote is gone: {error}") from None
        finally:
            theirs.close()
            os.close(printed)
        self._child = Child(self, number, ours, output)
        return self._child

    def close(self) -> None:
        """End the zygote and everything below it."""
        self._control.close()
        deadline = time.monotonic() + _SWEEP_SECONDS
        while os.waitpid(self._pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                os.kill(self._pid, signal.SIGKILL)
                os.waitpid(self._pid, 0)
                return
            time.sleep(0.001)

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _receive(self, seconds: float) -> dict[str, Any]:
        self._control.settimeout(seconds)
        try:
            text = self._control.recv(1 << 16)
        except (OSError, TimeoutError) as error:
            return {"event": "gone", "stage": "start", "error": str(error)}
        return json.loads(text) if text else {"event": "gone", "stage": "start", "error": "the zygote is gone"}

    def _end(self, child: "Child", patience: float) -> dict[str, Any]:
        """Have the child killed, unless it ends by itself within ``patience`` seconds, and all it left swept away."""
        self._child = None
        try:
            self._control.send(json.dumps({"op": "end", "child": child.number, "patience": patience}).encode())
        except OSError:
            return {"event": "gone"}
        return self._receive(_SWEEP_SECONDS + patience)


class Child:
    """A process that runs document code; a context manager. After a SandboxError it is gone."""

    def __init__(self, sandbox: Sandbox, number: int, connection: socket.socket, output: int) -> None:
        self.number = number
        self._sandbox = sandbox
        self._connection = connection
        self._output = output
        self._reader = Reader()
        self._open = True
        connection.setblocking(False)
        os.set_blocking(output, False)

    def call(self, op: str, payload: Mapping[str, Any], arrays: Mapping[str, Array] | None = None) -> Reply:
        """Ask the child and wait for its answer; raises a SandboxError where there is none that can be taken."""
        if not self._open:
            raise Unavailable("this child is closed")
        question = {"id": secrets.randbits(32), "nonce": secrets.token_hex(16), "op": op, "payload": payload}
        frame = pack(question, arrays or {})
        try:
            return self._exchange(question, memoryview(frame))
        except SandboxError:
            self.close()
            raise

    def close(self) -> None:
        """Kill the child and whatever it started; what it wrote is gone, too."""
        if self._open:
            self._finish(0.0)

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _exchange(self, question: dict[str, Any], frame: memoryview) -> Reply:
        if self._reader.pending or _readable(self._connection.fileno()):
            self._take()  # an end of file raises how it died
            raise Tampered("the child spoke before it was asked")
        deadline = time.monotonic() + self._sandbox.limits.wall
        printed = bytearray()
        total = 0
        poller = select.poll()
        connection, control = self._connection.fileno(), self._sandbox._control.fileno()
        poller.register(connection, select.POLLIN | select.POLLOUT)
        poller.register(self._output, select.POLLIN)
        poller.register(control, select.POLLIN)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimedOut(f"no answer within {self._sandbox.limits.wall:g} s")
            ready = dict(poller.poll(left * 1000))
            if self._output in ready:
                chunk = self._read_output()
                if not chunk:
                    poller.unregister(self._output)
                total += len(chunk)
                printed += chunk[: _PRINTED - len(printed)]
                if total > self._sandbox.limits.output:
                    raise TooMuchOutput(f"more than {self._sandbox.limits.output} bytes printed")
            if ready.get(connection, 0) & select.POLLOUT and frame:
                frame = frame[self._push(frame) :]
                if not frame:
                    poller.modify(connection, select.POLLIN)
            if ready.get(connection, 0) & (select.POLLIN | select.POLLHUP | select.POLLERR):
                answer = self._take()
                if answer is not None:
                    rest = self._drain(total)
                    printed += rest[: _PRINTED - len(printed)]
                    return _reply(question, answer.head, answer.arrays, printed)
            elif control in ready:
                raise self._why()

    def _push(self, frame: memoryview) -> int:
        try:
            return self._connection.send(frame[:_CHUNK])
        except BlockingIOError:
            return 0
        except OSError:
            raise self._why() from None

    def _take(self) -> Any:
        try:
            data = self._connection.recv(_CHUNK)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        if not data:
            raise self._why()
        try:
            return self._reader.feed(data)
        except Malformed as error:
            raise Tampered(str(error)) from None

    def _read_output(self) -> bytes:
        try:
            return os.read(self._output, _CHUNK)
        except BlockingIOError:
            return b""

    def _drain(self, total: int) -> bytes:
        rest = b""
        while chunk := self._read_output():
            rest += chunk
            if total + len(rest) > self._sandbox.limits.output:
                raise TooMuchOutput(f"more than {self._sandbox.limits.output} bytes printed")
        return rest

    def _why(self) -> SandboxError:
        """The child hung up, or the zygote has something to say of it: end it, and tell how it ended."""
        ending = self._finish(0.2)
        match ending:
            case {"event": "ended", "reason": "memory"}:
                return OutOfMemory(f"more than {self._sandbox.limits.memory} bytes held")
            case {"event": "ended", "reason": "processes"}:
                return TooManyProcesses(f"more than {self._sandbox.limits.processes} processes")
            case {"event": "ended", "status": None}:
                return Tampered("the child closed its connection and went on")
            case {"event": "ended", "status": int(status)}:
                code = os.waitstatus_to_exitcode(status)
                if code == -signal.SIGXCPU:
                    return TimedOut(f"more than {self._sandbox.limits.cpu:g} s of processor time")
                return Died(signal=-code) if code < 0 else Died(status=code)
            case _:
                return Unavailable("the zygote is gone")

    def _finish(self, patience: float) -> dict[str, Any]:
        self._open = False
        try:
            return self._sandbox._end(self, patience)
        finally:
            self._connection.close()
            os.close(self._output)


def become_zygote() -> None:
    """What the fresh interpreter runs: take the plan from the control socket and never return."""
    channel = socket.socket(fileno=_CONTROL)
    plan = Plan.from_json(channel.recv(1 << 18).decode())
    zygote.start(channel.detach(), plan)


def _spawn_zygote(plan: Plan) -> tuple[socket.socket, int]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-B", "-c", _PROGRAM, json.dumps(plan.path)],
            environment(plan.device, "/nonexistent"),
            file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), _CONTROL)],
        )
        ours.send(plan.to_json().encode())
    return ours, pid


def _fork_zygote(plan: Plan) -> tuple[socket.socket, int]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        zygote.start(theirs.detach(), plan)
    theirs.close()
    return ours, pid


def _readable(fd: int) -> bool:
    return bool(select.select([fd], [], [], 0)[0])


def _reply(question: dict[str, Any], head: dict[str, Any], arrays: dict[str, Array], printed: bytearray) -> Reply:
    if head.get("id") != question["id"] or head.get("nonce") != question["nonce"]:
        raise Tampered("an answer without the nonce of its question")
    text = printed.decode("utf-8", "replace")
    match head:
        case {"payload": dict(payload)}:
            return Reply(payload, arrays, text)
        case {"error": {"type": str(kind), "message": str(message), "line": int() | None as line}}:
            return Reply({}, {}, text, Raised(kind, message, line))
        case _:
            raise Tampered("an answer that is neither a result nor an error")
