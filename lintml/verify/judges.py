"""Judges side by side: pages of several documents are run at once, and answered in the order they were asked in."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue
from types import TracebackType
from typing import TypeVar

from lintml.model import Verdict
from lintml.verify import Options, Request
from lintml.verify.client import Judge

T = TypeVar("T")


class Judges:
    """At most ``jobs`` judge processes, each with one document at a time; a context manager.

    The first one starts at once, for its caller has documents to read meanwhile; the others when there is work.
    """

    def __init__(self, options: Options, jobs: int = 1) -> None:
        # Where there is one document for each core, none is left for a second process a page.
        options = options if jobs == 1 else replace(options, pair=False)
        self._options = options
        self._jobs = jobs
        self._every = [Judge(options)]
        self._idle: SimpleQueue[Judge] = SimpleQueue()
        self._idle.put(self._every[0])
        self._threads = ThreadPoolExecutor(jobs)

    def verify(self, documents: Iterable[tuple[T, Sequence[Request]]]) -> Iterator[tuple[T, list[list[Verdict]]]]:
        """Each document with the verdicts of its pages; raises VerifyError."""
        waiting: deque[tuple[T, Future[list[list[Verdict]]]]] = deque()
        for document, pages in documents:
            waiting.append((document, self._threads.submit(self._ask, pages)))
            # One document is made ready for each that is being run: no judge waits, and memory is bounded.
            while len(waiting) > 2 * self._jobs or (waiting and waiting[0][1].done()):
                document, answer = waiting.popleft()
                yield document, answer.result()
        for document, answer in waiting:
            yield document, answer.result()

    def __enter__(self) -> "Judges":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for judge in self._every:
            judge.close()
        self._threads.shutdown()

    def _ask(self, pages: Sequence[Request]) -> list[list[Verdict]]:
        judge = self._judge()
        try:
            return [judge.verify(page) for page in pages]
        finally:
            self._idle.put(judge)

    def _judge(self) -> Judge:
        if self._idle.empty():
            # There are no more threads than judges, so that one that finds none may start its own.
            judge = Judge(self._options)
            self._every.append(judge)
            return judge
        return self._idle.get()
