"""In which worlds a class is run: those that may turn out better, and no others."""

import pytest
from test_interpret import facts, module

from lintml.analysis.explore import Entry


def entry(init: str, forward: str) -> Entry:
    return facts(module(init, forward)).program.entries[-1]


def scripts(trial: Entry) -> list[tuple[int, ...]]:
    return [run.world.script for run in trial.runs]


def test_no_guess_behind_a_refused_rank_is_tried_where_another_rank_fits() -> None:
    norm = "self.n = nn.GroupNorm(2, a)\nself.c = nn.Conv2d(a, a, 3)\nself.m = nn.GroupNorm(2, a)"
    trial = entry(norm, "return self.m(self.c(self.n(x)))")
    assert trial.runs[0].trace.refused == 1, "the norm takes two axes, the convolution does not"
    assert scripts(trial) == [(), (1,), (2,)]
    assert trial.complete
    assert trial.primary.sound
    assert str(trial.primary.output.shape).count(",") == 3


def test_a_rank_that_never_fits_is_refused_in_every_world() -> None:
    trial = entry("self.c = nn.Conv2d(a, a, 3)", "return self.c(x.flatten(1))")
    assert trial.complete
    assert not trial.works
    assert [(clash.operator, clash.axis) for clash in trial.clashes()] == [("torch.nn.Conv2d", "rank")]


def test_guesses_behind_a_lone_example_are_not_tried_where_a_batch_fits() -> None:
    layers = "self.c = nn.Conv2d(3, a, 3)\nself.d = nn.Conv2d(b, a, 3)\nself.m = nn.GroupNorm(2, a)"
    trial = entry(layers, "return self.m(torch.relu(self.d(self.c(x))))")
    assert scripts(trial) == [(), (1,)]
    assert [run.world.lone for run in trial.runs] == [False, True]
    assert [str(clash.condition) for clash in trial.clashes()] == ["b == a"]


@pytest.mark.parametrize(
    ("other", "lone"), [("nn.Linear(a, a)", False), ("nn.Conv2d(a, a, 3, padding=1)", True), ("nn.LayerNorm(a)", False)]
)
def test_a_choice_takes_one_example_for_lone_where_all_of_its_options_do(other: str, lone: bool) -> None:
    trial = entry(f"self.f = nn.Conv2d(a, a, 1) if b else {other}", "n, t, d = x.shape\nreturn self.f(x)")
    assert [run.world.lone for run in trial.runs] == [lone]
