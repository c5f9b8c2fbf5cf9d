"""Two pages side by side: sessions that stay open from trial to trial, for a fixed page is the next one's old page."""

from collections.abc import Callable, Sequence

from lintml.verify import Block
from lintml.verify.judge.session import Session
from lintml.verify.sandbox import Sandbox

_PLACES = 2


class Desk:
    """Sessions by what they have run, each in a sandbox of its own; the one that was used last but one gives way.

    They go on after free code that fails: a fix further down is to be tried whatever else is wrong with the page.
    """

    def __init__(self, open_sandbox: Callable[[], Sandbox], seed: int) -> None:
        self._open = open_sandbox
        self._seed = seed
        self._sandboxes: list[Sandbox] = []
        self._sessions: dict[tuple[Block, ...], Session] = {}

    def session(self, blocks: Sequence[Block]) -> Session:
        """A session in which ``blocks`` have run, the one there is or a new one."""
        key = tuple(blocks)
        session = self._sessions.pop(key, None)
        if session is None:
            session = Session(self._sandbox(), blocks, self._seed, undaunted=True)
            session.start()
        self._sessions[key] = session
        return session

    def close(self) -> None:
        """End all sessions and sandboxes."""
        for session in self._sessions.values():
            session.rest()
        for sandbox in self._sandboxes:
            sandbox.close()

    def _sandbox(self) -> Sandbox:
        if len(self._sessions) == _PLACES:
            oldest = self._sessions.pop(next(iter(self._sessions)))
            oldest.rest()
            return oldest.sandbox
        taken = [session.sandbox for session in self._sessions.values()]
        free = [sandbox for sandbox in self._sandboxes if sandbox not in taken]
        if not free:
            free.append(self._open())
            self._sandboxes += free
        return free[0]
