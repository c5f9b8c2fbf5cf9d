"""One page inside the sandbox: a child that has run its snippets, made anew when it is lost."""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from lintml.verify import Block
from lintml.verify.judge.closure import bound
from lintml.verify.sandbox import Array, Sandbox, SandboxError

Reply = tuple[Mapping[str, Any], Mapping[str, Array]]


class Lost(Exception):
    """The child was lost during a call: ``kind`` is the sandbox's word for how, ``seconds`` is how long that took."""

    def __init__(self, kind: str, text: str, seconds: float = 0.0) -> None:
        self.kind = kind
        self.seconds = seconds
        super().__init__(text)


class Session:
    """Defines blocks in a child and asks about them; ``reports`` is what came of each definition and of free code.

    ``absent`` says of names why nothing binds them; an ``undaunted`` session goes on after free code that fails.
    ``lost`` are the blocks that the child did not survive.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        blocks: Sequence[Block],
        seed: int,
        absent: Mapping[str, str] | None = None,
        undaunted: bool = False,
    ) -> None:
        self.sandbox = sandbox
        self._undaunted = undaunted
        self._absent = dict(absent or {})
        self._blocks = [(block.index, block.text) for block in blocks]
        self._seed = seed
        self._child: Any = None
        self._open = ExitStack()
        self.reports: list[Mapping[str, Any]] = []
        self.lost: dict[int, Lost] = {}

    def start(self) -> None:
        """Run the blocks; where the child is lost, find the block that loses it and go on without it."""
        try:
            self.reports = self._run(self._blocks)
            return
        except Lost:
            pass
        kept: list[tuple[int, str]] = []
        self.reports = []
        for block in self._blocks:
            try:
                if self._child is None and kept:
                    self._run(kept)
                self.reports.extend(self._run([block]))
                kept.append(block)
            except Lost as lost:
                self.lost[block[0]] = lost
                for name in bound(block[1]):
                    self._absent.setdefault(name, f"needs {name!r}, which code binds that was ended ({lost.kind})")
        self._blocks = kept

    def __enter__(self) -> "Session":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.rest()

    def ask(self, operation: str, payload: dict[str, Any], arrays: Mapping[str, Array] | None = None) -> Reply:
        """The child's answer; raises Lost, after which the next question goes to a new child."""
        if self._child is None:
            self._restart()
        began = time.monotonic()
        try:
            reply = self._child.call(operation, {"seed": self._seed, **payload}, dict(arrays or {}))
        except SandboxError as error:
            self.rest()
            raise Lost(type(error).__name__, str(error), time.monotonic() - began) from None
        if reply.error is not None:
            self.rest()
            raise Lost(reply.error.type, reply.error.message)
        return reply.payload, reply.arrays

    def rest(self) -> None:
        """Give the child up until the next question."""
        self._child = None
        self._open.close()

    def _run(self, blocks: list[tuple[int, str]]) -> list[Mapping[str, Any]]:
        if self._child is None:
            self._fork()
        payload, _ = self._define(blocks)
        return list(payload["reports"])

    def _restart(self) -> None:
        self._fork()
        if self._blocks:
            self._define(self._blocks)

    def _define(self, blocks: list[tuple[int, str]]) -> Reply:
        return self.ask("define", {"blocks": blocks, "absent": self._absent, "undaunted": self._undaunted})

    def _fork(self) -> None:
        try:
            self._child = self._open.enter_context(self.sandbox.child())
        except SandboxError as error:
            raise Lost(type(error).__name__, str(error)) from None
