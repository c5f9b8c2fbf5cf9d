"""One child as its caller sees it: a question goes out, and an answer that can be taken comes back, or an error."""

import secrets
import selectors
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from lintml.verify.sandbox.host import Host
from lintml.verify.sandbox.limits import (
    Died,
    Limits,
    OutOfMemory,
    SandboxError,
    Tampered,
    TimedOut,
    TooManyProcesses,
    TooMuchOutput,
    Unavailable,
)
from lintml.verify.sandbox.wire import Array, Frame, Malformed, Reader, pack

_CHUNK = 1 << 18
_PRINTED = 1 << 16
_PATIENCE = 2.0  # between a closed connection and the end of the process that held it, on a busy machine
_RUNS_OUT = getattr(signal, "SIGXCPU", None)


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception that the document's code raised; ``line`` counts in the source that came from no file."""

    type: str
    message: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Reply:
    """A child's answer, which is a claim and no proof; where ``error`` is set, payload and arrays are empty.

    ``printed`` is the first 64 KiB of what was written to standard output and error up to the answer.
    """

    payload: dict[str, Any]
    arrays: dict[str, Array]
    printed: str
    error: Raised | None = None


class Child:
    """A process that runs document code; a context manager. After a SandboxError it is gone."""

    def __init__(self, host: Host, limits: Limits) -> None:
        self.open = True
        self._host = host
        self._limits = limits
        self._reader = Reader()
        self._connection, theirs = socket.socketpair()
        self._output, printed = socket.socketpair()
        with theirs, printed:
            self._bell = host.start(theirs, printed)
        self._connection.setblocking(False)
        self._output.setblocking(False)

    def call(self, op: str, payload: Mapping[str, Any], arrays: Mapping[str, Array] | None = None) -> Reply:
        """Ask the child and wait for its answer; raises a SandboxError where there is none that can be taken."""
        if not self.open:
            raise Unavailable("this child is closed")
        question = {"id": secrets.randbits(32), "nonce": secrets.token_hex(16), "op": op, "payload": payload}
        frame = pack(question, arrays or {})
        try:
            if self._reader.pending or self._take() is not None or self._reader.pending:
                raise Tampered("the child spoke before it was asked")
            answer, printed = self._exchange(memoryview(frame))
            return _reply(question, answer, printed)
        except SandboxError:
            self.close()
            raise

    def close(self) -> None:
        """Kill the child and whatever it started; what it wrote is gone, too."""
        if self.open:
            self._why(patience=0.0)

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _exchange(self, frame: memoryview) -> tuple[Frame, bytes]:
        deadline = time.monotonic() + self._limits.wall
        printed = _Printed(self._limits.output)
        with selectors.DefaultSelector() as selector:
            selector.register(self._connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
            selector.register(self._output, selectors.EVENT_READ)
            selector.register(self._bell, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                ready = {key.fileobj: events for key, events in selector.select(left)}
                if self._output in ready and not printed.take(self._output):
                    selector.unregister(self._output)
                if ready.get(self._connection, 0) & selectors.EVENT_WRITE:
                    frame = frame[self._push(frame) :]
                    if not frame:
                        selector.modify(self._connection, selectors.EVENT_READ)
                if ready.get(self._connection, 0) & selectors.EVENT_READ:
                    answer = self._take()
                    if answer is not None:
                        printed.take(self._output)
                        return answer, bytes(printed.text)
                elif self._bell in ready:
                    raise self._why()
        raise TimedOut(f"no answer within {self._limits.wall:g} s")

    def _push(self, frame: memoryview) -> int:
        try:
            return self._connection.send(frame[:_CHUNK])
        except BlockingIOError:
            return 0
        except OSError:
            raise self._why() from None

    def _take(self) -> Frame | None:
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

    def _why(self, patience: float = _PATIENCE) -> SandboxError:
        """End the child, which has hung up or of which the host has something to say, and tell how it ended."""
        self.open = False
        ending = self._host.end(patience)
        self._connection.close()
        self._output.close()
        if ending is None:
            return Unavailable("the sandbox itself is gone")
        match ending.reason, ending.code:
            case "memory", _:
                return OutOfMemory(f"more than {self._limits.memory} bytes held")
            case "processes", _:
                return TooManyProcesses(f"more than {self._limits.processes} processes")
            case _, None:
                return Tampered("the child closed its connection and went on")
            case _, int(code) if _RUNS_OUT is not None and code == -_RUNS_OUT:
                return TimedOut(f"more than {self._limits.cpu:g} s of processor time")
            case _, int(code):
                return Died(signal=-code) if code < 0 else Died(status=code)


class _Printed:
    """What a child printed in one call: the beginning of it, and a count of all of it."""

    def __init__(self, limit: int) -> None:
        self.text = bytearray()
        self._limit = limit
        self._total = 0

    def take(self, output: socket.socket) -> bool:
        """Read what is there; False at its end. Raises TooMuchOutput."""
        while True:
            try:
                chunk = output.recv(_CHUNK)
            except BlockingIOError:
                return True
            except OSError:
                return False
            self.text += chunk[: _PRINTED - len(self.text)]
            self._total += len(chunk)
            if self._total > self._limit:
                raise TooMuchOutput(f"more than {self._limit} bytes printed")
            if not chunk:
                return False


def _reply(question: Mapping[str, Any], answer: Frame, printed: bytes) -> Reply:
    head = answer.head
    if head.get("id") != question["id"] or head.get("nonce") != question["nonce"]:
        raise Tampered("an answer without the nonce of its question")
    text = printed.decode("utf-8", "replace")
    match head:
        case {"payload": dict(payload)}:
            return Reply(payload, answer.arrays, text)
        case {"error": {"type": str(kind), "message": str(message), "line": int() | None as line}}:
            return Reply({}, {}, text, Raised(kind, message, line))
        case _:
            raise Tampered("an answer that is neither a result nor an error")
