"""The losses of a page, and which operators make the scores that they judge."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lintml.analysis.flow import VIEWS, operator, upstream
from lintml.analysis.values import Application

# Those that want scores of one kind and no other: the layer, and the function that does the same.
LOSSES: Final = {
    "torch.nn.CrossEntropyLoss": "cross_entropy",
    "torch.nn.NLLLoss": "nll_loss",
    "torch.nn.KLDivLoss": "kl_div",
    "torch.nn.BCELoss": "binary_cross_entropy",
    "torch.nn.BCEWithLogitsLoss": "binary_cross_entropy_with_logits",
}
_FUNCTIONS: Final = {f"torch.nn.functional.{name}": name for name in LOSSES.values()}


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What a loss is given to judge, in one run.

    ``loss`` is the name of the function that it is, or that its layer stands for; ``makers`` are the operators that
    the scores come from, one for each way of a branch, seen through those that only lay values out anew.
    """

    use: Application
    loss: str
    makers: tuple[Application, ...]

    def comes_from(self, *operators: str) -> bool:
        """Whether the scores are made by these operators, whichever way a branch takes."""
        return all(operator(each) in operators for each in self.makers)


def judged(applications: Iterable[Application]) -> list[Judged]:
    """The losses whose scores are seen to be made, where nothing on the way may be another's choice."""
    found = []
    for use in applications:
        loss = LOSSES.get(use.path) or _FUNCTIONS.get(use.path)
        if loss is None or use.replaceable or not use.inputs or use.inputs[0] is None:
            continue
        ends, passed = upstream(use.inputs[0], lambda each: operator(each) in VIEWS)
        makers = tuple(end.source for end in ends if end.source is not None)
        if len(makers) == len(ends) and not any(each.replaceable for each in (*makers, *passed)):
            found.append(Judged(use, loss, makers))
    return found
