"""Properties that a module should have whatever it computes, each tried and, where broken, told with what was seen."""

import copy
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lintml.verify import derivatives, states, tensors
from lintml.verify.guest.homes import Homes
from lintml.verify.inputs.spec import Recipe, Spec, Tensor
from lintml.verify.references.graph import MULTIPLIES, VIEWS, Graph
from lintml.verify.scene import Scene, copied


@dataclass(frozen=True, slots=True)
class Law:
    """A property that was tried: whether it held, and otherwise what was seen."""

    name: str
    held: bool
    seen: str = ""


def check(make: Callable[[], Any], recipes: Sequence[Recipe], seed: int, only: Iterable[str]) -> list[Law]:
    """The laws named in ``only``, each tried on what ``make`` makes; one that cannot be tried is left out."""
    scene = Scene(make, recipes, seed)
    if not isinstance(scene.fresh(), nn.Module):
        return []
    wanted = list(only)
    found: dict[str, str] = {}
    for name in sorted(wanted, key=_turn):
        try:
            seen = next(_LAWS[name](scene), None)
        except Exception:
            continue
        if seen is not None:
            found[name] = seen
    return [Law(name, not found[name], found[name]) for name in wanted if name in found]


def _turn(name: str) -> int:
    return _LAST.index(name) if name in _LAST else -1


def applicable(training: Graph, evaluation: Graph) -> list[str]:
    """The laws that every module should keep, and those that this one's computation calls for."""
    last = evaluation.made_by(evaluation.outputs[0]) if evaluation.outputs else None
    wanted = [*_ALWAYS]
    if last is not None and last.op in _SOFTMAXES:
        wanted.append("rows sum to one")
    if not evaluation.ops() & _CUT:
        wanted.append("gradient is the derivative")
    if _knows_no_order(evaluation):
        wanted.append("order of steps follows")
    if training is not evaluation:
        wanted.append("running statistics follow")
    if len(evaluation.outputs) > 1:
        wanted.append("step by step as at once")
    return wanted


def _knows_no_order(graph: Graph) -> bool:
    """Whether a computation is attention and nothing in it could tell one position from another."""
    attends = graph.ops() & set(_SOFTMAXES) and len(graph.products()) >= 2
    if not attends or graph.ops() & _ORDERED:
        return False
    tables = (
        shape
        for step in graph.steps
        if step.op not in MULTIPLIES | VIEWS
        for read, shape in zip(step.reads, step.read_shapes, strict=False)
        if not graph.from_inputs(read)
    )
    return all(len(shape) < 2 for shape in tables)


def _deterministic(scene: Scene) -> Iterator[str]:
    inputs = scene.inputs()
    with torch.no_grad():
        one = tensors.leaves(scene.still(*copied(inputs)))
        two = tensors.leaves(scene.still(*copied(inputs)))
    yield "" if _same(one, two) else "two runs in eval mode give different values"


def _inputs_kept(scene: Scene) -> Iterator[str]:
    inputs = scene.inputs()
    before = [leaf.clone() for leaf in tensors.leaves(inputs)]
    with torch.no_grad():
        scene.still(*inputs)
    pairs = zip(scene.recipes[0].inputs, before, tensors.leaves(inputs), strict=False)
    changed = [name for (name, _), old, new in pairs if not torch.equal(old, new)]
    yield f"forward changes {', '.join(changed)} in place" if changed else ""


def _gradients(scene: Scene) -> Iterator[str]:
    if scene.hides:
        return
    module = scene.lively.train()
    outputs = [leaf for leaf in scene.run(module, scene.inputs()) if leaf.requires_grad]
    parameters = {name: p for name, p in module.named_parameters() if p.requires_grad}
    if not parameters:
        return
    # A random weighting: the plain sum of a softmax or of a normalised row has no gradient at all.
    generator = tensors.seeded(scene.seed)
    weighted = [(leaf * torch.randn(leaf.shape, generator=generator)).sum() for leaf in outputs]
    if weighted:
        torch.stack(weighted).sum().backward()
    dead = [name for name, parameter in parameters.items() if parameter.grad is None or not parameter.grad.any()]
    yield f"no gradient reaches {', '.join(dead[:4])}" if dead else ""


def _state_kept(scene: Scene) -> Iterator[str]:
    module = scene.lively.eval()
    if not module.state_dict():
        return
    with torch.no_grad():
        state = _stored(module.state_dict())
        want = scene.run(module, scene.inputs())
        other = scene.fresh().eval()
        other.load_state_dict(state)
        kept = _same(want, scene.run(other, scene.inputs()))
    yield "" if kept else "a copy that loads its state_dict gives other values"


def _stored(state: Any) -> Any:
    """A state as it comes back from a file; what is plain tensors comes back as it is."""
    if all(type(value) is torch.Tensor and value.layout is torch.strided for value in state.values()):
        copied = copy.copy(state)
        copied.update({name: value.clone() for name, value in state.items()})
        return copied
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def _inputs_used(scene: Scene) -> Iterator[str]:
    if scene.hides:
        return
    inputs = scene.inputs()
    with torch.no_grad():
        base = scene.run(scene.still, inputs)
        dead = []
        for index, (name, _) in enumerate(scene.recipes[0].inputs):
            other = [*inputs]
            other[index] = scene.inputs(seed=1)[index]
            if tensors.leaves(other[index]) and _same(base, scene.run(scene.still, other)):
                dead.append(name)
    yield f"nothing depends on {', '.join(dead)}" if dead else ""


def _rows_sum_to_one(scene: Scene) -> Iterator[str]:
    """A module that ends in a softmax normalises over its last axis, at one of the ranks that it takes."""
    said = [_row_sum(scene, recipe) for recipe in sorted(scene.recipes, key=_rank, reverse=True)]
    told = [seen for seen in said if seen is not None]
    if told:
        yield "" if "" in told else told[0]


def _row_sum(scene: Scene, recipe: Recipe) -> str | None:
    with torch.no_grad():
        first = scene.run(scene.still, scene.inputs(recipe=recipe))[0]
    # Over the channels of an image, a softmax belongs on the second axis.
    if first.dim() > 3:
        return None
    rows = first.exp() if bool((first <= 0).all()) else first
    total = rows.sum(-1).flatten()
    farthest = float(total[(total - 1).abs().argmax()])
    shape = " x ".join(map(str, first.shape))
    return "" if abs(farthest - 1) < _CLOSE_TO_ONE else f"a row of its {shape} output sums to {farthest:.3g}, not 1"


def _on_one_device(scene: Scene) -> Iterator[str]:
    """What forward makes or keeps on the CPU does not meet what moves with the module."""
    module, inputs = scene.lively.train(), scene.inputs()
    homes = Homes([*module.parameters(), *module.buffers(), *tensors.leaves(inputs)])
    with homes, torch.no_grad():
        module(*inputs)
    met = ", ".join(dict.fromkeys(homes.met[:3]))
    yield f"on another device {met} would take a tensor left behind on the CPU" if met else ""


def _independent(scene: Scene) -> Iterator[str]:
    """Along some axis of the input each slice of the output depends on the slice of its own alone: the batch."""
    recipe = max(scene.recipes, key=_rank)
    roles = [role for index, (_, spec) in enumerate(recipe.inputs) for role in axis_roles(scene, recipe, index, spec)]
    if not roles or "independent" in roles:
        yield ""
    elif set(roles) != {"gone"}:
        yield "every example of a batch changes the output of the others"


def _takes_negatives(scene: Scene) -> Iterator[str]:
    """Logits are clipped by nothing: over many inputs some are below zero."""
    with torch.no_grad():
        lowest = min(float(scene.run(scene.still, scene.inputs(seed))[0].min()) for seed in range(8))
    yield "" if lowest < 0 else f"its output is never below {lowest:.3g}"


def _no_future(scene: Scene) -> Iterator[str]:
    """No output position depends on a later input position."""
    recipe = max(scene.recipes, key=_rank)
    name, spec = recipe.inputs[0]
    roles = list(axis_roles(scene, recipe, 0, spec))
    if len(roles) < 2:
        return
    leaks = not any(role == "causal" for role in roles[:2])
    yield f"an output position depends on later positions of {name}" if leaks else ""


def _derivative(scene: Scene) -> Iterator[str]:
    """The gradient is the slope, in evaluation mode."""
    module = scene.fresh().eval().to(torch.float64)
    generator = tensors.seeded(scene.seed)
    inputs = [tensors.draw(spec, generator, torch.float64) for _, spec in scene.recipes[0].inputs]

    def run(given: list[Any]) -> list[torch.Tensor]:
        tensors.reseed(scene.seed)
        return tensors.leaves(module(*given))

    fault = derivatives.fault(run, inputs, scene.seed)
    if fault is not None:
        yield fault


def _order_follows(scene: Scene) -> Iterator[str]:
    """With the steps of every sequence in another order, the outputs are the same ones in that order."""
    recipe = max(scene.recipes, key=_rank)
    name, spec = recipe.inputs[0]
    if len(recipe.inputs) != 1 or not isinstance(spec, Tensor) or len(spec.shape) != 3 or spec.kind != "float":
        return
    (x,) = scene.inputs(recipe=recipe)
    with torch.no_grad():
        base = scene.run(scene.still, [x])[0]
        if base.shape[:2] != x.shape[:2]:
            return
        said = []
        for axis in (0, 1):
            turned = scene.run(scene.still, [x.flip(axis)])[0]
            said.append(torch.allclose(turned, base.flip(axis), rtol=1e-4, atol=1e-5))
    yield "" if all(said) else f"reversing the steps of {name} changes more than the order of what comes out"


def axis_roles(scene: Scene, recipe: Recipe, index: int, spec: Spec) -> Iterator[str]:
    """What each axis but the last of a tensor input does to the output axis of the same size.

    ``independent``: a slice changes only its own slice; ``causal``: only its own and later ones; ``mixing``: others;
    ``gone``: no output axis has its size, or more than one.
    """
    if not isinstance(spec, Tensor):
        return
    module = scene.still
    inputs = scene.inputs(recipe=recipe)
    other = scene.inputs(seed=1, recipe=recipe)[index]
    with torch.no_grad():
        base = scene.run(module, inputs)[0]
        for axis, size in enumerate(spec.shape[: None if spec.kind == "index" else -1]):
            matching = [out for out, length in enumerate(base.shape) if length == size]
            if len(matching) != 1 or size < 2:
                yield "gone"
                continue
            changed = []
            for place in range(size):
                moved = inputs[index].clone()
                moved.select(axis, place).copy_(other.select(axis, place))
                result = scene.run(module, [*inputs[:index], moved, *inputs[index + 1 :]])[0]
                changed.append(_slices(base, result, matching[0]))
            yield _role(changed)


def _role(changed: list[set[int]]) -> str:
    if all(slices <= {place} for place, slices in enumerate(changed)):
        return "independent"
    if all(min(slices, default=place) >= place for place, slices in enumerate(changed)):
        return "causal"
    return "mixing"


def _slices(one: torch.Tensor, two: torch.Tensor, axis: int) -> set[int]:
    """The places along ``axis`` at which two tensors differ."""
    return {
        place
        for place in range(one.shape[axis])
        if not torch.allclose(one.select(axis, place), two.select(axis, place), rtol=1e-5, atol=1e-6)
    }


def _rank(recipe: Recipe) -> int:
    return max((len(spec.shape) for _, spec in recipe.inputs if isinstance(spec, Tensor)), default=0)


def _same(one: list[torch.Tensor], two: list[torch.Tensor]) -> bool:
    return len(one) == len(two) and all(
        a.shape == b.shape and torch.allclose(a, b, rtol=1e-6, atol=1e-7, equal_nan=True)
        for a, b in zip(one, two, strict=True)
    )


_CLOSE_TO_ONE = 1e-4
# What has no slope, or is kept from the gradient on purpose.
_CUT = frozenset(
    "detach round floor ceil sign trunc argmax topk sort gt lt ge le eq ne where one_hot masked_fill native_dropout "
    "bernoulli rand rand_like randn randn_like uniform_ normal_ bernoulli_".split()
)
_ORDERED = frozenset(
    "tril triu arange masked_fill masked_fill_ where cumsum embedding convolution lstm gru rnn_tanh index "
    "slice_scatter narrow select slice roll flip scaled_dot_product_attention".split()
)
_SOFTMAXES = ("_softmax", "_log_softmax", "_safe_softmax")
_LAWS: dict[str, Callable[[Scene], Iterator[str]]] = {
    "deterministic in eval mode": _deterministic,
    "inputs are not changed": _inputs_kept,
    "gradient reaches every parameter": _gradients,
    "state_dict holds the state": _state_kept,
    "every input matters": _inputs_used,
    "one device": _on_one_device,
    "rows sum to one": _rows_sum_to_one,
    "examples are independent": _independent,
    "logits are not clipped": _takes_negatives,
    "no position sees the future": _no_future,
    "gradient is the derivative": _derivative,
    "order of steps follows": _order_follows,
    "running statistics follow": states.statistics_follow,
    "step by step as at once": states.steps_as_at_once,
}
_ALWAYS = tuple(_LAWS)[:6]
# Those of the lively module come after those of the still one, and last what makes it again: it is made three times.
_LAST = ("gradient reaches every parameter", "one device", "state_dict holds the state", "gradient is the derivative",
         "running statistics follow")  # fmt: skip
LAWS = frozenset(_LAWS)
