"""Losses of torch.nn.functional, and those that everybody writes: focal, triplet, contrastive, label smoothing."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights, called

Loss = Callable[..., torch.Tensor]
_REDUCTIONS = ("mean", "sum", "none")
_RANKS = (2, 1, 3, 4)


def focal(x: torch.Tensor, y: torch.Tensor, alpha: float, gamma: float, reduction: str) -> torch.Tensor:
    """α (1 - p)^γ times the cross-entropy of (n, c) logits and (n,) classes (Lin et al. 2017, equation 5)."""
    entropy = F.cross_entropy(x, y, reduction="none")
    return reduce(alpha * (1 - torch.exp(-entropy)) ** gamma * entropy, reduction)


def binary_focal(x: torch.Tensor, y: torch.Tensor, alpha: float, gamma: float, reduction: str) -> torch.Tensor:
    """The same for (…) logits and targets in [0, 1], α the same for both classes."""
    entropy = F.binary_cross_entropy_with_logits(x, y, reduction="none")
    return reduce(alpha * (1 - torch.exp(-entropy)) ** gamma * entropy, reduction)


def contrastive(a: torch.Tensor, b: torch.Tensor, far: torch.Tensor, margin: float, reduction: str) -> torch.Tensor:
    """(1 - y) d² + y max(0, m - d)² of (n, d) pairs at distance d, y 1 where they differ (Hadsell et al. 2006)."""
    distance = F.pairwise_distance(a, b)
    return reduce((1 - far) * distance.pow(2) + far * torch.clamp(margin - distance, min=0.0).pow(2), reduction)


def binary_entropy(p: torch.Tensor, y: torch.Tensor, reduction: str) -> torch.Tensor:
    """-y log p - (1 - y) log(1 - p), for targets of any value: torch's own takes those in [0, 1] alone."""
    return reduce(-y * p.log() - (1 - y) * (1 - p).log(), reduction)


def dice(x: torch.Tensor, y: torch.Tensor, smooth: float) -> torch.Tensor:
    """1 - (2 Σ xy + s) / (Σ x + Σ y + s) over all values (Milletari et al. 2016, with plain sums)."""
    return 1 - (2 * (x * y).sum() + smooth) / (x.sum() + y.sum() + smooth)


def reduce(values: torch.Tensor, reduction: str) -> torch.Tensor:
    """``values``, their mean or their sum."""
    match reduction:
        case "mean":
            return values.mean()
        case "sum":
            return values.sum()
    return values


def numbers(seen: Seen) -> list[float]:
    """The numbers that a loss was given or keeps: fractions first, then whole ones."""
    return [*seen.floats, *map(float, seen.counts)]


def plain(function: Loss) -> Callable[[Seen], Iterator[tuple[str, Loss]]]:
    """A loss without settings but for its reduction."""

    def forms(seen: Seen) -> Iterator[tuple[str, Loss]]:
        for reduction in _REDUCTIONS:
            yield "" if reduction == "mean" else f"reduction={reduction}", partial(function, reduction=reduction)

    return forms


def _with(function: Loss, key: str, *defaults: float) -> Callable[[Seen], Iterator[tuple[str, Loss]]]:
    """A loss with one setting, which each number of the subject may be."""

    def forms(seen: Seen) -> Iterator[tuple[str, Loss]]:
        for value in dict.fromkeys((*numbers(seen), *defaults)):
            for reduction in _REDUCTIONS:
                note = "" if reduction == "mean" else f"reduction={reduction}"
                yield note, partial(function, reduction=reduction, **{key: value})

    return forms


def _focal_forms(function: Loss) -> Callable[[Seen], Iterator[tuple[str, Loss]]]:
    def forms(seen: Seen) -> Iterator[tuple[str, Loss]]:
        values = list(dict.fromkeys((*numbers(seen), 1.0, 2.0)))
        for alpha in values:
            for gamma in values:
                for reduction in _REDUCTIONS:
                    yield "", partial(function, alpha=alpha, gamma=gamma, reduction=reduction)

    return forms


def _contrastive_forms(seen: Seen) -> Iterator[tuple[str, Loss]]:
    for margin in dict.fromkeys((*numbers(seen), 1.0)):
        for reduction in _REDUCTIONS:
            loss = partial(contrastive, margin=margin, reduction=reduction)
            yield "", loss
            yield "its labels are 1 for pairs of a kind", partial(_alike, loss)


def _alike(loss: Loss, a: torch.Tensor, b: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    return loss(a, b, 1 - same)


def _dice_forms(seen: Seen) -> Iterator[tuple[str, Loss]]:
    for smooth in dict.fromkeys((*numbers(seen), 1.0, 0.0)):
        yield "", partial(dice, smooth=smooth)
        yield "of logits", partial(_of_logits, smooth)


def _of_logits(smooth: float, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return dice(torch.sigmoid(x), y, smooth)


def _root_mean_square(x: torch.Tensor, y: torch.Tensor, reduction: str) -> torch.Tensor:
    return F.mse_loss(x, y, reduction=reduction).sqrt()


def _half_square(x: torch.Tensor, y: torch.Tensor, reduction: str) -> torch.Tensor:
    return F.mse_loss(x, y, reduction=reduction) / 2


def _squares(seen: Seen) -> Iterator[tuple[str, Loss]]:
    yield from plain(F.mse_loss)(seen)
    for note, loss in plain(_half_square)(seen):
        yield "; ".join(part for part in ("halved", note) if part), loss
    yield "its root", partial(_root_mean_square, reduction="mean")


def _entropies(seen: Seen) -> Iterator[tuple[str, Loss]]:
    yield from plain(F.cross_entropy)(seen)
    for smoothing in (value for value in seen.floats if 0 < value < 1):
        for amount in (smoothing, 1 - smoothing):
            yield f"label_smoothing={amount:g}", partial(F.cross_entropy, label_smoothing=amount)
    for reduction in _REDUCTIONS:
        yield "of probabilities", partial(_of_probabilities, reduction=reduction)


def _likelihoods(seen: Seen) -> Iterator[tuple[str, Loss]]:
    yield from plain(F.nll_loss)(seen)
    for note, loss in plain(_of_probabilities)(seen):
        yield "; ".join(part for part in ("of probabilities", note) if part), loss


def _of_probabilities(p: torch.Tensor, y: torch.Tensor, reduction: str) -> torch.Tensor:
    return F.nll_loss(p.log(), y, reduction=reduction)


def cosine(a: torch.Tensor, b: torch.Tensor, axis: int, distance: bool, reduction: str) -> torch.Tensor:
    """a · b / (‖a‖ ‖b‖) along an axis, or one less it."""
    similarity = F.cosine_similarity(a, b, axis)
    return reduce(1 - similarity if distance else similarity, reduction)


def _cosines(seen: Seen) -> Iterator[tuple[str, Loss]]:
    for axis in (-1, 1):
        for distance in (False, True):
            for reduction in ("none", "mean", "sum"):
                notes = ["as a distance"] * distance + [f"reduction={reduction}"] * (reduction != "none")
                yield "; ".join(notes), partial(cosine, axis=axis, distance=distance, reduction=reduction)


def _divergences(seen: Seen) -> Iterator[tuple[str, Loss]]:
    for reduction in ("batchmean", *_REDUCTIONS):
        for logs in (False, True):
            yield f"reduction={reduction}", partial(F.kl_div, reduction=reduction, log_target=logs)


def declared(
    name: str, forms: Callable[[Seen], Iterator[tuple[str, Loss]]], arity: int, *nouns: str
) -> ModuleReference:
    """A reference for a loss of so many tensors and no weights, in the forms that settings give it.

    Of two tensors either may be the target.
    """

    def recognise(seen: Seen) -> Evidence:
        shapes = seen.input_shapes()
        if seen.parameters or len(shapes) != arity or any(shape is None for shape in shapes):
            return Evidence.NONE
        if len(seen.result or ()) > len(shapes[0] or ()):
            return Evidence.NONE
        return Evidence.CERTAIN if called(seen.name, nouns) else Evidence.POSSIBLE

    def cases(seen: Seen) -> Iterator[Case]:
        for note, loss in forms(seen):
            yield Case(partial(_run, loss), note)
            if arity == 2:
                yield Case(partial(_swapped, loss), "; ".join(part for part in (note, "target first") if part))

    return ModuleReference(name, recognise, cases, _RANKS)


def _run(loss: Loss, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [loss(*inputs)]


def _swapped(loss: Loss, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [loss(inputs[1], inputs[0])]


REFERENCES = (
    declared("torch.nn.functional.cross_entropy", _entropies, 2, "crossentropy", "crossentropyloss", "celoss"),
    declared("torch.nn.functional.nll_loss", _likelihoods, 2, "nll", "nllloss"),
    declared("torch.nn.functional.mse_loss", _squares, 2, "mse", "mseloss", "meansquarederror"),
    declared("torch.nn.functional.l1_loss", plain(F.l1_loss), 2, "l1loss", "mae", "maeloss", "meanabsoluteerror"),
    declared("torch.nn.functional.huber_loss", _with(F.huber_loss, "delta", 1.0), 2, "huber", "huberloss"),
    declared("torch.nn.functional.smooth_l1_loss", _with(F.smooth_l1_loss, "beta", 1.0), 2, "smoothl1", "smoothl1loss"),
    declared("torch.nn.functional.binary_cross_entropy", plain(binary_entropy), 2, "bce", "bceloss"),
    declared(
        "torch.nn.functional.binary_cross_entropy_with_logits",
        plain(F.binary_cross_entropy_with_logits),
        2,
        "bcewithlogits",
        "bcewithlogitsloss",
    ),
    declared("torch.nn.functional.kl_div", _divergences, 2, "kldiv", "kldivloss", "klloss"),
    declared("focal loss (Lin et al. 2017)", _focal_forms(focal), 2),
    declared("binary focal loss (Lin et al. 2017)", _focal_forms(binary_focal), 2),
    declared("dice loss (Milletari et al. 2016)", _dice_forms, 2),
    declared(
        "torch.nn.functional.triplet_margin_loss",
        _with(F.triplet_margin_loss, "margin", 1.0),
        3,
        "tripletmarginloss",
    ),
    declared("contrastive loss (Hadsell et al. 2006)", _contrastive_forms, 3),
    declared("torch.nn.functional.margin_ranking_loss", _with(F.margin_ranking_loss, "margin", 0.0), 3),
    declared("torch.nn.functional.cosine_similarity", _cosines, 2, "cosinesimilarity"),
)
