"""Every line of the tables, called with inputs drawn from the line itself: what it says is what torch does."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch_calls import Drawn, attempts, disturbed, draw
from torch_oracle import Said, Symbols, disagreement, explore, plain, say, shapes_of, unranked

from lintml.shapes.call import UNKNOWN
from lintml.shapes.notation import REQUIRED
from lintml.shapes.signature import Signature, read
from lintml.torch_api import operators

SEEDS = 8

# Lines whose inputs have to do with each other in ways that a random draw seldom meets; torch's own samples cover them.
DRAWN_ELSEWHERE = frozenset(
    """masked_scatter tensordot as_strided index_copy index_add scatter scatter_add scatter_reduce index_put cross
    select_scatter slice_scatter diagonal_scatter layer_norm rms_norm one_hot fold embedding_bag
    scaled_dot_product_attention grid_sample affine_grid cross_entropy nll_loss multi_margin_loss
    multilabel_margin_loss margin_ranking_loss cosine_embedding_loss triplet_margin_loss
    triplet_margin_with_distance_loss ctc_loss pack_padded_sequence pad_packed_sequence gaussian_nll_loss
    binary_cross_entropy binary_cross_entropy_with_logits batch_norm solve_triangular lstsq householder_product
    tensorinv index_put_ view_as expand_as sum_to_size prelu Fold stft scalar_tensor""".split()
)
# Methods of devices and layouts that a machine may lack, and those that torch only lets certain tensors do.
NOT_HERE = frozenset({"cuda", "xpu", "pin_memory", "coalesce", "retain_grad", "geometric_"})

counts: Counter[str] = Counter()


class Operator:
    """A name of the tables, its line, and how it is called for real."""

    def __init__(self, kind: str, name: str, signature: Signature) -> None:
        self.kind = kind
        self.name = name
        self.signature = signature

    def __repr__(self) -> str:
        return self.name

    def run(self, drawn: Drawn, arguments: Mapping[str, Any]) -> Any:
        """What torch makes of the arguments."""
        if self.kind == "layer":
            inputs = [arguments[name] for name in self.signature.tensors if name in arguments]
            layer = _resolved(self.name)(**drawn.settings).eval()
            lazy = isinstance(layer, torch.nn.modules.lazy.LazyModuleMixin)
            return (layer if lazy else layer.to(inputs[0].device))(*inputs)
        positional, keywords = self._split(arguments)
        if self.kind == "method":
            return getattr(positional[0], self.name.partition(".")[2])(*positional[1:], **keywords)
        return _resolved(self.name)(*positional, **keywords)

    def said(self, drawn: Drawn, lift: Any, script: tuple[int, ...] = ()) -> Said:
        """What the line makes of the same call."""
        tensors = {name.lstrip("*"): _empty(shape) for name, shape in drawn.shapes.items()}
        if self.kind == "layer":
            defaults = {
                name: UNKNOWN if value is REQUIRED else value for name, value in self.signature.parameters.items()
            }
            inputs = [tensors.get(name) for name in self.signature.tensors]
            settings = {**defaults, **drawn.settings}
            return say(self.signature, self.name, inputs, {}, lift, settings=settings, script=script)
        positional, keywords = self._split({**tensors, **drawn.settings})
        path = f"torch.{self.name}" if self.kind == "method" else self.name
        return say(self.signature, path, positional, keywords, lift, script=script)

    def _split(self, arguments: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The first arguments by position, as far as none is left out, the others by keyword."""
        keywords = dict(arguments)
        positional: list[Any] = []
        for name in self.signature.parameters:
            if name.lstrip("*") not in keywords:
                break
            value = keywords.pop(name.lstrip("*"))
            spread = name.startswith("*")
            positional += value if spread and isinstance(value, (tuple, list)) else [value]
        return positional, keywords


def _resolved(path: str) -> Callable[..., Any]:
    found: Any = torch
    for part in path.split(".")[1:]:
        found = getattr(found, part)
    return found  # type: ignore[no-any-return]


def _empty(shape: Any) -> Any:
    return [_empty(each) for each in shape] if isinstance(shape, list) else torch.empty(shape, device="meta")


def _operators() -> list[Operator]:
    tables = {
        "layer": operators.lines("layers"),
        "function": operators.lines("functions"),
        "method": operators.lines("methods"),
    }
    found = [Operator(kind, name, read(line)) for kind, table in tables.items() for name, line in table.items()]
    return [
        each
        for each in found
        if (each.signature.inputs or not each.signature.operator) and each.name.rpartition(".")[2] not in NOT_HERE
    ]


@pytest.mark.parametrize("operator", _operators(), ids=repr)
def test_a_line_says_what_torch_does(operator: Operator) -> None:
    fitted = 0
    for seed in range(SEEDS):
        whole = draw(operator.signature, operator.name, seed)
        for drawn in (whole, disturbed(whole, seed)):
            fitted += _agrees(operator, drawn)
    counts["operators"] += 1
    assert fitted or operator.name.rpartition(".")[2] in DRAWN_ELSEWHERE, "no call that was drawn runs"


def _agrees(operator: Operator, drawn: Drawn) -> bool:
    """Whether torch ran the call; then all that was said of it, with sizes, with symbols, without rank, must hold."""
    try:
        truth = shapes_of(attempts(drawn, lambda arguments: operator.run(drawn, arguments)))
    except Exception:
        counts["calls that fail"] += 1
        counts["calls that fail, seen"] += bool(operator.said(drawn, plain).mismatches)
        return False
    for lift in (plain, Symbols(free=True), Symbols(free=False)):
        values = lift if isinstance(lift, Symbols) else None
        wrong = disagreement(operator.name, operator.said(drawn, lift), truth, values)
        if wrong and _only_meta(operator, drawn):
            return False
        assert not wrong, f"{wrong} for {drawn.shapes} {drawn.settings}"
    assert explore(lambda script: operator.said(drawn, unranked, tuple(script))), f"no rank fits {drawn.shapes}"
    counts["calls that run"] += 1
    return True


def _only_meta(operator: Operator, drawn: Drawn) -> bool:
    """Whether a call runs on the meta device only, which checks less than a real one."""
    try:
        attempts(drawn, lambda arguments: operator.run(drawn, arguments), real=True)
    except Exception:
        return True
    return False


def test_what_was_drawn_was_worth_drawing(record_property: Callable[[str, Any], None]) -> None:
    if not counts:
        pytest.skip("needs the draws of this file")
    drawn, ran = counts["operators"], counts["calls that run"]
    seen, failed = counts["calls that fail, seen"], counts["calls that fail"]
    told = f"lines: {drawn} operators drawn from their lines, {ran} calls agreed, {seen} of {failed} failing calls seen"
    record_property("counted", told)
    assert ran > 4 * drawn
    assert seen > failed / 3
