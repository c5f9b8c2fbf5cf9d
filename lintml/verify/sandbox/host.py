"""Who starts and ends children: a zygote on Linux, else a fresh interpreter for each."""

import socket
from collections.abc import Callable
from typing import Protocol

from lintml.verify.sandbox.limits import Ending, Level


class Host(Protocol):
    """One child at a time. ``memory`` is the bytes that a child starts with; ``facts`` are for people to read."""

    level: Level
    memory: int
    facts: dict[str, object]

    def start(self, connection: socket.socket, output: socket.socket) -> socket.socket:
        """Start a child that answers on ``connection`` and prints to ``output``; both stay the caller's to close.

        The socket that comes back can be read as soon as the child has ended or broken a limit. Raises Unavailable.
        """

    def end(self, patience: float) -> Ending | None:
        """Kill the child, unless it ends by itself within ``patience`` seconds; None where the host is gone."""

    def close(self) -> None:
        """End everything."""


class Running(Protocol):
    """What was started for one child; ``bell`` can be read as soon as it has ended or broken a limit."""

    bell: socket.socket

    def end(self, patience: float) -> Ending:
        """Kill it, unless it ends by itself within ``patience`` seconds."""


class Anew:
    """The part of a host that starts something anew for each child: ``launch`` takes what Host.start is given."""

    memory = 0

    def __init__(self, launch: Callable[[socket.socket, socket.socket], Running]) -> None:
        self._launch = launch
        self._running: Running | None = None

    def start(self, connection: socket.socket, output: socket.socket) -> socket.socket:
        """See Host."""
        self._running = self._launch(connection, output)
        return self._running.bell

    def end(self, patience: float) -> Ending | None:
        """See Host."""
        running, self._running = self._running, None
        return running.end(patience) if running is not None else None

    def close(self) -> None:
        """See Host."""
        self.end(0.0)
