"""Judges side by side, with what a judge says given."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from lintml.model import Verdict
from lintml.verify import Options, Request, VerifyError, judges


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list["Judge"]:
    every: list[Judge] = []
    monkeypatch.setattr(judges, "Judge", lambda options: Judge(every))
    return every


class Judge:
    """Answers with the text of a page; waits for another judge where the text says so."""

    meeting = threading.Barrier(2)

    def __init__(self, every: list["Judge"]) -> None:
        every.append(self)
        self.closed = False
        self.busy = threading.Lock()

    def verify(self, page: Any) -> list[Verdict]:
        with self.busy:
            if page == "meet":
                self.meeting.wait(60)
            if page == "broken":
                raise VerifyError("it broke")
            return [Verdict(page, 0, 1, "passed")]

    def close(self) -> None:
        self.closed = True


def run(pages: Iterator[Any], jobs: int) -> list[tuple[int, str]]:
    with judges.Judges(Options(), jobs) as many:
        return [(number, answers[0][0].subject) for number, answers in many.verify(pages)]


def documents(*texts: str) -> Iterator[tuple[int, list[Request]]]:
    return ((number, [text]) for number, text in enumerate(texts))  # type: ignore[list-item]


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_answers_come_in_the_order_of_the_questions(made: list[Judge], jobs: int):
    texts = [f"text {number}" for number in range(20)]
    assert run(documents(*texts), jobs) == list(enumerate(texts))
    assert len(made) <= jobs
    assert all(judge.closed for judge in made)


def test_two_documents_are_run_at_once(made: list[Judge]):
    assert run(documents("meet", "meet"), 2) == [(0, "meet"), (1, "meet")]
    assert len(made) == 2


def test_a_judge_that_breaks_ends_the_run_and_leaves_none_behind(made: list[Judge]):
    with pytest.raises(VerifyError, match="it broke"):
        run(documents("fine", "broken", "fine"), 2)
    assert all(judge.closed for judge in made)
