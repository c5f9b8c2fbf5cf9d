"""What models are trained towards beside labels: pairs, teachers, preferences, rewards, distributions."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights
from lintml.verify.references.losses import Loss, declared, numbers, plain, reduce

Forms = Callable[[Seen], Iterator[tuple[str, Loss]]]
_REDUCTIONS = ("mean", "sum", "none")


def info_nce(a: torch.Tensor, b: torch.Tensor, scale: Any, unit: bool, both: bool) -> torch.Tensor:
    """Cross-entropy of (n, d) rows against all (n, d) others, each its own the class (van den Oord et al. 2018).

    In ``both`` directions it is that of CLIP (Radford et al. 2021).
    """
    if unit:
        a, b = F.normalize(a, dim=-1), F.normalize(b, dim=-1)
    scores, own = scale * a @ b.T, torch.arange(len(a))
    one = F.cross_entropy(scores, own)
    return (one + F.cross_entropy(scores.T, own)) / 2 if both else one


def nt_xent(a: torch.Tensor, b: torch.Tensor, scale: float) -> torch.Tensor:
    """The same over both views together, none against itself (Chen et al. 2020)."""
    rows = F.normalize(torch.cat((a, b)), dim=-1)
    scores = (scale * rows @ rows.T).fill_diagonal_(float("-inf"))
    return F.cross_entropy(scores, torch.arange(2 * len(a)).roll(len(a)))


def distilled(
    student: torch.Tensor, teacher: torch.Tensor, temperature: float, axis: int, rows: bool = True
) -> torch.Tensor:
    """T² KL(softmax(teacher / T), softmax(student / T)) of logits along an axis (Hinton et al. 2015).

    It is the mean over the other axes, or over the first alone if not ``rows``.
    """
    soft, softer = F.log_softmax(student / temperature, axis), F.softmax(teacher / temperature, axis)
    each = F.kl_div(soft, softer, reduction="none").sum(axis) * temperature**2
    return each.mean() if rows else each.sum() / len(each)


def distilled_and_told(
    student: torch.Tensor, teacher: torch.Tensor, labels: torch.Tensor, temperature: float, share: float, rows: bool
) -> torch.Tensor:
    """``share`` of that and the rest of the cross-entropy with the labels."""
    soft = distilled(student, teacher, temperature, 1, rows)
    return share * soft + (1 - share) * F.cross_entropy(student, labels)


def from_standard_normal(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """KL(N(μ, σ²), N(0, 1)), value by value (Kingma and Welling 2014, appendix B)."""
    return -0.5 * (1 + log_variance - mean**2 - log_variance.exp())


def preferred(
    chosen: torch.Tensor,
    rejected: torch.Tensor,
    chosen_before: torch.Tensor,
    rejected_before: torch.Tensor,
    beta: float,
    reduction: str,
) -> torch.Tensor:
    """-log σ(β gain): by how much more than before the chosen is likelier than the rejected (Rafailov et al. 2023)."""
    gain = (chosen - rejected) - (chosen_before - rejected_before)
    return reduce(-F.logsigmoid(beta * gain), reduction)


def clipped(
    log_p: torch.Tensor, log_p_before: torch.Tensor, advantage: torch.Tensor, eps: float, reduction: str
) -> torch.Tensor:
    """-min(r A, clip(r, 1 - ε, 1 + ε) A) for the ratio r of probabilities (Schulman et al. 2017, equation 7)."""
    return clipped_ratio((log_p - log_p_before).exp(), advantage, eps, reduction)


def clipped_ratio(ratio: torch.Tensor, advantage: torch.Tensor, eps: float, reduction: str) -> torch.Tensor:
    """The same of the ratio itself."""
    return reduce(-torch.minimum(ratio * advantage, ratio.clamp(1 - eps, 1 + eps) * advantage), reduction)


def ranked(chosen: torch.Tensor, rejected: torch.Tensor, reduction: str) -> torch.Tensor:
    """-log σ(chosen - rejected), as reward models are trained (Bradley and Terry 1952)."""
    return reduce(-F.logsigmoid(chosen - rejected), reduction)


def next_token(logits: torch.Tensor, tokens: torch.Tensor, ahead: int) -> torch.Tensor:
    """Cross-entropy of (…, t, v) logits with the (…, t) tokens so many places ahead."""
    kept = logits.shape[-2] - ahead
    return F.cross_entropy(logits[..., :kept, :].flatten(0, -2), tokens[..., ahead:].flatten())


def overlap(x: torch.Tensor, y: torch.Tensor, smooth: float) -> torch.Tensor:
    """1 - (Σ xy + s) / (Σ x + Σ y - Σ xy + s), the soft Jaccard distance."""
    both = (x * y).sum()
    return 1 - (both + smooth) / (x.sum() + y.sum() - both + smooth)


def tversky(x: torch.Tensor, y: torch.Tensor, alpha: float, beta: float, smooth: float) -> torch.Tensor:
    """1 - (Σ xy + s) / (Σ xy + α Σ (1 - y) x + β Σ y (1 - x) + s) (Salehi et al. 2017)."""
    both = (x * y).sum()
    return 1 - (both + smooth) / (both + alpha * ((1 - y) * x).sum() + beta * (y * (1 - x)).sum() + smooth)


def log_cosh(x: torch.Tensor, y: torch.Tensor, reduction: str) -> torch.Tensor:
    """log cosh(x - y)."""
    off = x - y
    return reduce(off + F.softplus(-2 * off) - torch.log(torch.tensor(2.0, dtype=off.dtype)), reduction)


def gaussian(x: torch.Tensor, y: torch.Tensor, variance: torch.Tensor, reduction: str) -> torch.Tensor:
    """½ (log σ² + (x - y)² / σ²)."""
    return reduce(0.5 * (variance.log() + (x - y) ** 2 / variance), reduction)


def gaussian_of_logarithm(x: torch.Tensor, y: torch.Tensor, log_variance: torch.Tensor, reduction: str) -> torch.Tensor:
    """The same with log σ² given."""
    return reduce(0.5 * (log_variance + (x - y) ** 2 * (-log_variance).exp()), reduction)


def hinge(x: torch.Tensor, y: torch.Tensor, reduction: str) -> torch.Tensor:
    """max(0, 1 - x y) for targets of either sign."""
    return reduce(F.relu(1 - x * y), reduction)


def _in_order(loss: Loss, order: Sequence[int], *inputs: torch.Tensor) -> torch.Tensor:
    return loss(*(inputs[at] for at in order))


def _of_logits(loss: Loss, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return loss(x.sigmoid(), y)


def _contrasts(seen: Seen) -> list[float]:
    """What scores may be multiplied with: one over a temperature, or a scale that is greater than one."""
    values = [value for value in numbers(seen) if value > 0]
    return list(dict.fromkeys((*(1 / value for value in values), *(value for value in values if value > 1), 1.0)))


def _is_contrast(seen: Seen) -> Evidence:
    shapes = seen.input_shapes()
    learnt = list(seen.parameters.values())
    if len(shapes) != 2 or shapes[0] != shapes[1] or learnt not in ([], [()], [(1,)]):
        return Evidence.NONE
    known = seen.graph.ops() & {"_log_softmax", "logsumexp", "log", "_softmax", "exp"}
    return Evidence.POSSIBLE if known and seen.result in ((), (1,)) else Evidence.NONE


def _contrast_cases(seen: Seen) -> Iterator[Case]:
    learnt = next(iter(seen.parameters), None)
    for unit, both in itertools.product((True, False), repeat=2):
        note = "; ".join(["in both directions"] * both + ["of rows as they are"] * (not unit))
        for scale in _contrasts(seen) if learnt is None else [0.0]:
            yield Case(partial(_run_contrast, learnt, scale, unit, both), note)


def _run_contrast(
    learnt: str | None, scale: float, unit: bool, both: bool, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    factor = scale if learnt is None else weights[learnt].exp().squeeze()
    return [info_nce(inputs[0], inputs[1], factor, unit, both)]


def _views(seen: Seen) -> Iterator[tuple[str, Loss]]:
    for scale in _contrasts(seen):
        yield "", partial(nt_xent, scale=scale)


def _taught(seen: Seen) -> Iterator[tuple[str, Loss]]:
    for temperature, axis, rows in itertools.product(dict.fromkeys((*numbers(seen), 1.0)), (-1, 1), (True, False)):
        yield "", partial(distilled, temperature=temperature, axis=axis, rows=rows)


def _taught_and_told(seen: Seen) -> Iterator[tuple[str, Loss]]:
    values = numbers(seen)
    shares = [value for value in values if 0 <= value <= 1]
    for temperature, share, rows in itertools.product(values, shares, (True, False)):
        loss = partial(distilled_and_told, temperature=temperature, rows=rows)
        yield "", partial(loss, share=share)
        yield "its share is that of the labels", partial(loss, share=1 - share)


def _divergence(how: Callable[[torch.Tensor], torch.Tensor], mean: torch.Tensor, log_variance: torch.Tensor) -> Any:
    return how(from_standard_normal(mean, log_variance))


def _divergences(seen: Seen) -> Iterator[tuple[str, Loss]]:
    yield "summed", partial(_divergence, torch.sum)
    yield "summed over features, the mean over the batch", partial(_divergence, lambda each: each.sum(-1).mean())
    yield "summed over features", partial(_divergence, lambda each: each.sum(-1))
    yield "the mean of all", partial(_divergence, torch.mean)
    yield "by value", partial(_divergence, lambda each: each)


def _evidence(
    error: Callable[..., torch.Tensor], weight: float, rows: bool, x: Any, y: Any, mean: Any, log_variance: Any
) -> torch.Tensor:
    """Minus the evidence lower bound: the reconstruction's error and the divergence, summed (over each of the rows)."""
    total = error(x, y) + weight * from_standard_normal(mean, log_variance).sum()
    return total / len(x) if rows else total


def _bounds(seen: Seen) -> Iterator[tuple[str, Loss]]:
    squares = partial(F.mse_loss, reduction="sum")
    entropies = partial(F.binary_cross_entropy, reduction="sum")
    for weight in dict.fromkeys((1.0, *numbers(seen))):
        for rows in (False, True):
            for error in (entropies, squares):
                yield "the mean over the batch" if rows else "", partial(_evidence, error, weight, rows)


def _preferences(seen: Seen) -> Iterator[tuple[str, Loss]]:
    for beta in numbers(seen):
        for reduction in _REDUCTIONS:
            loss = partial(preferred, beta=beta, reduction=reduction)
            yield "", loss
            yield "", partial(_in_order, loss, (0, 2, 1, 3))


def _clips(function: Loss, seen: Seen) -> Iterator[tuple[str, Loss]]:
    for eps in (value for value in numbers(seen) if 0 < value < 1):
        for reduction in _REDUCTIONS:
            loss = partial(function, eps=eps, reduction=reduction)
            yield "", loss
            if function is clipped:
                yield "", partial(_in_order, loss, (1, 0, 2))


def _tokens(seen: Seen) -> Iterator[tuple[str, Loss]]:
    yield "", partial(next_token, ahead=1)
    yield "of targets that are ahead already", partial(next_token, ahead=0)


def _overlaps(seen: Seen) -> Iterator[tuple[str, Loss]]:
    for smooth in dict.fromkeys((*numbers(seen), 1.0, 0.0)):
        yield "", partial(overlap, smooth=smooth)
        yield "of logits", partial(_of_logits, partial(overlap, smooth=smooth))


def _tverskys(seen: Seen) -> Iterator[tuple[str, Loss]]:
    for alpha, beta, smooth in itertools.product(numbers(seen), numbers(seen), (*numbers(seen), 1.0, 0.0)):
        loss = partial(tversky, alpha=alpha, beta=beta, smooth=smooth)
        yield "", loss
        yield "of logits", partial(_of_logits, loss)


def _gaussians(seen: Seen) -> Iterator[tuple[str, Loss]]:
    for note, form in (("", gaussian), ("of the logarithm of the variance", gaussian_of_logarithm)):
        for reduction in _REDUCTIONS:
            loss = partial(form, reduction=reduction)
            yield note, loss
            yield note, partial(_in_order, loss, (0, 2, 1))


REFERENCES = (
    ModuleReference("InfoNCE (van den Oord et al. 2018)", _is_contrast, _contrast_cases, (2,)),
    declared("NT-Xent (Chen et al. 2020)", _views, 2),
    declared("distillation (Hinton et al. 2015)", _taught, 2),
    declared("distillation with labels (Hinton et al. 2015)", _taught_and_told, 3),
    declared("divergence from a standard normal (Kingma and Welling 2014)", _divergences, 2),
    declared("evidence lower bound (Kingma and Welling 2014)", _bounds, 4),
    declared("direct preference optimisation (Rafailov et al. 2023)", _preferences, 4),
    declared("clipped surrogate objective (Schulman et al. 2017)", partial(_clips, clipped), 3),
    declared("clipped surrogate objective of a ratio (Schulman et al. 2017)", partial(_clips, clipped_ratio), 2),
    declared("pairwise ranking (Bradley and Terry 1952)", plain(ranked), 2),
    declared("next-token cross-entropy", _tokens, 2),
    declared("Jaccard loss", _overlaps, 2),
    declared("Tversky loss (Salehi et al. 2017)", _tverskys, 2),
    declared("log-cosh loss", plain(log_cosh), 2),
    declared("torch.nn.functional.gaussian_nll_loss", _gaussians, 3),
    declared("hinge loss", plain(hinge), 2),
    declared("torch.nn.functional.poisson_nll_loss", plain(F.poisson_nll_loss), 2),
)
