"""Two processes that share a page find what one finds, and one is enough where the other is lost."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from processes import all_gone, descendants
from verdicts import page

from lintml.model import Verdict
from lintml.verify import Options, Request
from lintml.verify.client import Judge
from lintml.verify.judge import twin

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a fork of the judge needs Linux")

CLASSES = """
class {name}(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = nn.Linear(width, {out})

    def forward(self, x):
        return {result}
"""
RESULTS = {
    "Plain": "self.layer(x)",
    "Turned": "F.log_softmax(self.layer(x), dim=0)",
    "Rows": "F.log_softmax(self.layer(x), dim=-1)",
    "Missing": "self.layers(x)",
    "Ending": "__import__('os')._exit(3)",
    "Positive": "F.relu(self.layer(x))",
    "Drawn": "F.dropout(self.layer(x))",
    "Rooted": "self.layer(x).sqrt()",
    "Last": "self.layer(x[:, -1])",
}


def shared_page() -> Request:
    """A page with enough to share, the second half of it under the names of the first."""
    return page(
        *(
            CLASSES.format(name=name, out=out, result=result)
            for out in (5, "width")
            for name, result in RESULTS.items()
        ),
        "print(Plain(3)(torch.zeros(2, 3)))",
    )


def found(request: Request, options: Options) -> list[Verdict]:
    with Judge(options) as judge:
        return [replace(verdict, seconds=0.0) for verdict in judge.verify(request)]


@pytest.mark.skipif(not twin.possible(Options()), reason="one core")
def test_two_find_what_one_finds() -> None:
    request = shared_page()
    assert twin.worth_it(request)
    alone = found(request, Options(pair=False))
    assert found(request, Options()) == alone
    assert {verdict.outcome for verdict in alone if verdict.subject == "Ending"} == {"failed"}
    assert {verdict.outcome for verdict in alone} == {"failed", "passed"}


class Absent:
    """A twin that is lost when it is asked."""

    def begin(self, request: Request) -> None:
        self.asked: Sequence[int] = ()

    def take(self, places: Sequence[int]) -> None:
        self.asked = places

    def verdicts(self) -> None:
        return None


def test_one_is_enough_where_the_other_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    from lintml.verify.judge.page import verdicts
    from lintml.verify.sandbox import Limits, Sandbox

    request, lost = shared_page(), Absent()
    with Sandbox(boot="lintml.verify.worker:boot", limits=Limits()) as sandbox:
        here: list[Verdict] = verdicts(sandbox, request, Options(), lost)  # type: ignore[arg-type]
    assert lost.asked
    assert [told(verdict) for verdict in here] == [told(verdict) for verdict in found(request, Options(pair=False))]


def told(verdict: Verdict) -> tuple[Any, ...]:
    return verdict.subject, verdict.snippet, verdict.outcome, verdict.tier, verdict.error, verdict.laws


FAILING = """
from lintml.verify import Request
from lintml.verify.judge.twin import Twin
lost = Twin(lambda request, wanted: 1 / 0)
for _ in range(2):
    lost.begin(Request(()))
    lost.take([0, 1])
    assert lost.verdicts() is None
lost.close()
print("closed")
"""


def test_a_twin_that_fails_is_told_from_one_that_found_nothing() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    run = subprocess.run(
        [sys.executable, "-c", FAILING], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout) == (0, "closed\n"), run.stderr


def test_a_killed_judge_takes_the_other_along() -> None:
    others = descendants(os.getpid())
    with Judge(Options()) as judge:
        judge.verify(shared_page())
        below = descendants(os.getpid()) - others
        judge._process.kill()
        assert all_gone(below)


def reports(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "state": "ran", "snippet": snippet} for snippet, name in enumerate(names)]


def shares(*names: str, **texts: str) -> tuple[set[str], set[str]]:
    """The names that each of the two takes, of definitions in snippets of their own."""
    told = reports(*names)
    theirs = twin.share(told, {snippet: texts.get(name, "") for snippet, name in enumerate(names)})
    assert len(theirs) == len(set(theirs))
    mine = set(range(len(names))) - set(theirs)
    return {names[place] for place in mine}, {names[place] for place in theirs}


def test_each_takes_about_half_and_what_is_of_one_name_stays_together() -> None:
    names = [*"ABCDEFGHIJ", *"ACEGI"]
    mine, theirs = shares(*names)
    assert not mine & theirs
    assert mine | theirs == set(names)
    counts = [sum(name in side for name in names) for side in (mine, theirs)]
    assert 0 < counts[0] - counts[1] <= 4  # the second one starts later
    assert shares(*names) == (mine, theirs)


def test_what_takes_long_is_weighed() -> None:
    slow = {"Image": "nn.Conv2d(3, 5, 3)", "Text": "nn.TransformerEncoder(layer, 2)"}
    mine, theirs = shares(*"ABCDEF", "Image", "Text", **slow)
    assert "Image" in mine
    assert "Text" in theirs


def test_what_did_not_run_is_not_given_away() -> None:
    absent = [{"name": "", "state": "ran", "snippet": 0}, {"name": "A", "state": "failed", "snippet": 0}]
    told = [*absent, *reports(*"BCDEFGHIJK")]
    theirs = twin.share(told, dict.fromkeys(range(10), ""))
    assert theirs
    assert not {0, 1} & set(theirs)


def test_a_short_page_is_not_shared() -> None:
    assert not twin.worth_it(page("class A:\n    def f(self): ...\n    def g(self): ...\n"))


@pytest.mark.parametrize("options", [Options(pair=False), Options(device="cuda"), Options(image="torch")])
def test_nothing_is_shared_where_a_fork_is_not_wanted(options: Options) -> None:
    assert not twin.possible(options)
