"""Boxes of an image: how far two overlap (Jaccard 1912; Rezatofighi et al. 2019), and the best ones of many."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch

from lintml.verify.inputs.spec import Tensor
from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights

Overlap = Callable[..., torch.Tensor]
_SIDES = 4
_MOST_EPS = 1e-3
_MEETINGS = (frozenset(("minimum", "min", "where")), frozenset(("maximum", "max", "where")))
_FORMS = ("pairs", "each", "distance", "mean distance")


def overlap(a: torch.Tensor, b: torch.Tensor, hull: bool, eps: float, more: float) -> torch.Tensor:
    """(…, 4) boxes x1, y1, x2, y2 → (…): the share of what they cover together that both cover.

    With the ``hull``, less the share of their hull that neither covers. ``more`` is what is added to a side where the
    last pixel counts.
    """
    least, most = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:4], b[..., 2:4])
    both = (most - least + more).clamp(min=0).prod(-1)
    union = _area(a, more) + _area(b, more) - both
    share = both / (union + eps)
    if not hull:
        return share
    around = torch.maximum(a[..., 2:4], b[..., 2:4]) - torch.minimum(a[..., :2], b[..., :2])
    whole = (around + more).prod(-1)
    return share - (whole - union) / (whole + eps)


def kept(boxes: torch.Tensor, scores: torch.Tensor, most: float) -> torch.Tensor:
    """The places of the boxes, the best first, that no better one of them overlaps by more than ``most``."""
    found: list[int] = []
    for at in scores.argsort(descending=True).tolist():
        if not any(float(overlap(boxes[at], boxes[other], False, 0.0, 0.0)) > most for other in found):
            found.append(at)
    return torch.tensor(found)


def in_order(inputs: Sequence[Any]) -> list[Any]:
    """Boxes of any numbers, of whose two corners the second is the farther: they are in one quarter of the plane."""
    return [_box(one) if isinstance(one, torch.Tensor) and _wide(one.shape) else one for one in inputs]


def crowded(inputs: Sequence[Any]) -> list[Any]:
    """A dozen boxes, some of which overlap by much and others not at all, and what each one scores."""
    boxes, scores, *others = inputs
    generator = torch.Generator().manual_seed(int(boxes.abs().sum() * 1000) % 2**31)
    boxes = _box(boxes[:3]).repeat(4, 1)
    near = boxes + 0.1 * boxes.mean() * torch.randn(boxes.shape, generator=generator, dtype=boxes.dtype)
    return [_box(near), torch.randn(len(near), generator=generator, dtype=scores.dtype), *others]


def _wide(shape: Sequence[int]) -> bool:
    """Whether there are four sides in each row; what comes after them is something else."""
    return len(shape) > 0 and shape[-1] >= _SIDES


def _box(corners: torch.Tensor) -> torch.Tensor:
    first, side, rest = corners[..., :2].abs(), corners[..., 2:4].abs(), corners[..., 4:]
    return torch.cat((first, first + side + 0.5 * side.mean(), rest), -1)


def _area(box: torch.Tensor, more: float) -> torch.Tensor:
    return (box[..., 2:4] - box[..., :2] + more).prod(-1)


def _cornered(box: torch.Tensor) -> torch.Tensor:
    """Corners of centres, widths and heights."""
    centre, half = box[..., :2], box[..., 2:4] / 2
    return torch.cat((centre - half, centre + half), -1)


def _numbers(seen: Seen) -> list[float]:
    """What stands in its code, and what it takes."""
    written = [value for step in seen.graph.steps for value in step.settings if isinstance(value, float)]
    return list(dict.fromkeys((*written, *seen.floats)))


def _are_two(seen: Seen) -> Evidence:
    shapes = [shape or () for shape in seen.input_shapes()]
    if seen.parameters or len(shapes) != 2 or not all(map(_wide, shapes)):
        return Evidence.NONE
    meets = all(seen.graph.ops() & names for names in _MEETINGS) and seen.graph.ops() & {"div", "true_divide", "div_"}
    return Evidence.POSSIBLE if meets else Evidence.NONE


def _cases(hull: bool, seen: Seen) -> Iterator[Case]:
    small = [value for value in _numbers(seen) if 0 < value < _MOST_EPS]
    for form, eps, more, centred in itertools.product(_FORMS, dict.fromkeys((*small, 0.0)), (0.0, 1.0), (False, True)):
        notes = ["as a distance"] * ("distance" in form) + ["the last pixel counts"] * (more > 0)
        note = "; ".join([*notes, *["of centres and sizes"] * centred])
        yield Case(partial(_run, form, hull, eps, more, centred), note)


def _run(
    form: str, hull: bool, eps: float, more: float, centred: bool, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    a, b = map(_cornered, inputs) if centred else inputs
    if form == "pairs":
        if a.dim() == 1:
            raise ValueError("single boxes make no pairs")
        return [overlap(a.unsqueeze(-2), b.unsqueeze(-3), hull, eps, more)]
    share = overlap(a, b, hull, eps, more)
    match form:
        case "distance":
            return [1 - share]
        case "mean distance":
            return [(1 - share).mean()]
    return [share]


def _are_many(seen: Seen) -> Evidence:
    given = [spec for _, spec in seen.recipes[0].inputs]
    tensors = [spec.shape for spec in given if isinstance(spec, Tensor)]
    known = not seen.parameters and len(tensors) == 2 and len(tensors[0]) == 2 and tensors[1] == tensors[0][:1]
    return Evidence.POSSIBLE if known and _wide(tensors[0]) and _limits(seen) else Evidence.NONE


def _limits(seen: Seen) -> list[float]:
    given = [getattr(spec, "value", None) for _, spec in seen.recipes[0].inputs]
    return [value for value in (*given, *seen.floats) if isinstance(value, float) and 0 < value < 1]


def _kept_cases(seen: Seen) -> Iterator[Case]:
    for limit in dict.fromkeys(_limits(seen)):
        yield Case(partial(_run_kept, limit))


def _run_kept(limit: float, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    """The places of what is kept; raises ValueError where the boxes do not put it to the test."""
    found = kept(inputs[0], inputs[1], limit)
    if len(found) in (0, len(inputs[0])):
        raise ValueError("nothing would be left out")
    return [found]


REFERENCES = (
    ModuleReference(
        "intersection over union (Jaccard 1912)", _are_two, partial(_cases, False), scales=(1.0, 10.0), fit=in_order
    ),
    ModuleReference(
        "generalised intersection over union (Rezatofighi et al. 2019)",
        _are_two,
        partial(_cases, True),
        scales=(1.0, 10.0),
        fit=in_order,
    ),
    ModuleReference("torchvision.ops.nms", _are_many, _kept_cases, scales=(1.0, 10.0), fit=crowded),
)
