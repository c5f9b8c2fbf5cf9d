"""Who starts and ends children: a zygote on Linux, else a fresh interpreter for each."""

import socket
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
