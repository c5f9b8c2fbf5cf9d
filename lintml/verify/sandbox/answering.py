"""The loop in the process that runs document code: it answers calls until its connection closes."""

import os
import sys
from types import TracebackType
from typing import Any, Protocol

from lintml.verify.sandbox.plan import Handler
from lintml.verify.sandbox.wire import Frame, Reader, pack

_LONGEST_MESSAGE = 4000


class Connection(Protocol):
    """What calls come in on and answers go out on; a socket is one."""

    def recv(self, size: int, /) -> bytes:
        """At most ``size`` bytes, none at the end."""

    def sendall(self, data: bytes, /) -> None:
        """Write all of ``data``."""


def answer_calls(connection: Connection, handler: Handler) -> None:
    """Read a call, answer it, and again, until the other end closes."""
    home = os.getpid()
    reader = Reader()
    while (frame := _receive(connection, reader)) is not None:
        reply = _answer(frame, handler)
        if os.getpid() != home:
            os._exit(0)  # a fork that the document made and that came back here
        connection.sendall(reply)


def print_to_descriptors() -> None:
    """Open the standard streams anew: those that came along with the fork may hold text, or be replaced."""
    for name, fd, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        stream = open(fd, mode, 1 if fd == 2 else -1, "utf-8", "backslashreplace", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _receive(connection: Connection, reader: Reader) -> Frame | None:
    frame = reader.feed(b"")
    while frame is None:
        data = connection.recv(1 << 18)
        if not data:
            return None
        frame = reader.feed(data)
    return frame


def _answer(frame: Frame, handler: Handler) -> bytes:
    head = frame.head
    echo = {"id": head["id"], "nonce": head["nonce"]}
    try:
        payload, arrays = handler(head["op"], head["payload"], frame.arrays)
        reply = pack({**echo, "payload": payload}, arrays)
    except BaseException as error:  # SystemExit and KeyboardInterrupt are the document's, too
        reply = pack({**echo, "error": _describe(error)}, {})
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # the document has put something of its own there
        pass
    return reply


def _describe(error: BaseException) -> dict[str, Any]:
    try:
        message = str(error)[:_LONGEST_MESSAGE]
    except BaseException as second:
        message = f"(its message raised {type(second).__name__})"
    line = error.lineno if isinstance(error, SyntaxError) else _line(error.__traceback__)
    return {"type": type(error).__name__, "message": message, "line": line if isinstance(line, int) else None}


def _line(traceback: TracebackType | None) -> int | None:
    """The innermost line of source that came from no file, which is how a document's code is compiled."""
    line = None
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if name.startswith("<") and not name.startswith("<frozen"):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
