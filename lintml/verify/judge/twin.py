"""A second judge beside the first, for another core: a fork of it that judges a share of a page in its own sandbox."""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from io import BufferedRWPair
from typing import Any, NoReturn, TypeAlias

from lintml.model import Verdict
from lintml.verify import Options, Request, messages

Report: TypeAlias = Mapping[str, Any]
Wanted: TypeAlias = Callable[[], Sequence[int]]
# Judges those reports of a page that it is told of when it has run the page's snippets.
Work: TypeAlias = Callable[[Request, Wanted], Sequence[Verdict]]

_WORTH_IT = 8  # subjects, below which a page is judged before a second sandbox has started
# What judging takes, as multiples of what a few linear layers take; and what starting a second one does.
_COSTS = {"Conv": 8, "Transformer": 4, "Optimizer": 3, "Scheduler": 2, "Pool": 2, "LSTM": 2, "GRU": 2, "Attention": 2}
_START = 3


def possible(options: Options) -> bool:
    """Whether a second one is of use here: where a fork is safe, and there is a core for it."""
    if sys.platform != "linux" or not options.pair or options.device != "cpu" or options.image:
        return False
    return len(os.sched_getaffinity(0)) > 1


def worth_it(request: Request) -> bool:
    """Whether a page has so much to judge that it is faster by two."""
    lines = (line for block in request.blocks for line in block.text.splitlines())
    return sum(line.startswith(("class ", "def ")) for line in lines) >= _WORTH_IT


def share(reports: Sequence[Report], texts: Mapping[int, str]) -> list[int]:
    """The places of the reports that are for the second one; ``texts`` are those of the snippets.

    Always the same ones for the same page. What is of one name stays together, for it is tried in the same ways.
    """
    named: dict[str, list[int]] = {}
    for place, report in enumerate(reports):
        if report["name"] and report["state"] == "ran":
            named.setdefault(report["name"], []).append(place)
    costs = {name: sum(_cost(texts[reports[place]["snippet"]]) for place in named[name]) for name in named}
    mine, others = 0, _START
    theirs: list[int] = []
    for name in sorted(named, key=lambda name: -costs[name]):
        if others < mine:
            others += costs[name]
            theirs += named[name]
        else:
            mine += costs[name]
    return theirs


def _cost(text: str) -> int:
    return max((cost for word, cost in _COSTS.items() if word in text), default=1)


class Twin:
    """The fork, which starts with the first page that it is given; ``work`` is what it does there with a page.

    It lives no longer than this process.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._pid = 0
        self._lines: BufferedRWPair | None = None

    def begin(self, request: Request) -> None:
        """Let it run the snippets of a page; ``take`` and ``verdicts`` must follow."""
        if self._lines is None:
            self._pid, self._lines = _fork(self._work)
        self._say(messages.request_to_json(request))

    def take(self, places: Sequence[int]) -> None:
        """Let it judge the reports at these places."""
        self._say(list(places))

    def verdicts(self) -> list[Verdict] | None:
        """What it found, in the order asked for; None where it came to nothing, and is gone."""
        assert self._lines is not None
        line = b""
        with suppress(OSError):
            line = self._lines.readline()
        return [messages.verdict_from_json(verdict) for verdict in json.loads(line)] if line else None

    def close(self) -> None:
        """End it."""
        if self._lines is not None:
            with suppress(OSError):
                self._lines.close()
            os.waitpid(self._pid, 0)

    def _say(self, message: object) -> None:
        assert self._lines is not None
        with suppress(BrokenPipeError):
            self._lines.write(json.dumps(message).encode() + b"\n")
            self._lines.flush()


def _fork(work: Work) -> tuple[int, BufferedRWPair]:
    ours, theirs = socket.socketpair()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _run(theirs, parent, work)
    with ours, theirs:
        return pid, ours.makefile("rwb")


def _run(channel: socket.socket, parent: int, work: Work) -> NoReturn:
    try:
        _stand_alone(channel, parent)
        lines = channel.makefile("rwb")
        while line := lines.readline():
            found = work(messages.request_from_json(json.loads(line)), lambda: json.loads(lines.readline()))
            lines.write(json.dumps([messages.verdict_to_json(verdict) for verdict in found]).encode() + b"\n")
            lines.flush()
    finally:
        os._exit(0)


def _stand_alone(channel: socket.socket, parent: int) -> None:
    """Die with the one that it was forked from, and let go of the pipes that others wait on."""
    from lintml.verify.sandbox import kernel

    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.closerange(3, channel.fileno())
    os.closerange(channel.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
