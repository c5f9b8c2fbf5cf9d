"""Properties that a module should have whatever it computes, each tried and, where broken, told with what was seen."""

import copy
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from lintml.verify import tensors
from lintml.verify.guest.trace import trace
from lintml.verify.inputs.spec import Recipe, Spec, Tensor
from lintml.verify.references.graph import RANDOM, Graph


@dataclass(frozen=True, slots=True)
class Law:
    """A property that was tried: whether it held, and otherwise what was seen."""

    name: str
    held: bool
    seen: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A module with the inputs that it runs on; ``fresh`` makes it again with the same weights."""

    fresh: Callable[[], nn.Module]
    recipes: Sequence[Recipe]
    seed: int

    def inputs(self, seed: int = 0, recipe: Recipe | None = None) -> list[Any]:
        """Drawn inputs; the same ``seed``, the same values."""
        generator = tensors.seeded(self.seed + seed)
        specs = (recipe or self.recipes[0]).inputs
        return [tensors.draw(spec, generator, torch.get_default_dtype()) for _, spec in specs]

    def random(self) -> nn.Module:
        """The module with weights drawn anew, for one that starts at zero lets nothing through."""
        module = self.fresh()
        generator = tensors.seeded(self.seed)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.1)
        return module

    def run(self, module: nn.Module, inputs: list[Any]) -> list[torch.Tensor]:
        """The output tensors, from a fixed random state; the inputs are copied first."""
        torch.manual_seed(self.seed)
        return tensors.leaves(module(*copy.deepcopy(inputs)))


def check(
    make: Callable[[], Any], recipes: Sequence[Recipe], seed: int, only: Iterable[str] | None = None
) -> list[Law]:
    """The laws that apply to what ``make`` makes, each tried; one that cannot be tried is left out.

    Without ``only``, those that every module should keep; ``only`` may name any other as well.
    """
    if not isinstance(make(), nn.Module):
        return []
    scene = Scene(make, recipes, seed)
    wanted = set(_LAWS) if only is None else set(only)
    found = []
    for name, law in {**_LAWS, **_ON_REQUEST}.items():
        if name not in wanted:
            continue
        try:
            seen = next(law(scene), None)
        except Exception:
            continue
        if seen is not None:
            found.append(Law(name, not seen, seen))
    return found


def _deterministic(scene: Scene) -> Iterator[str]:
    module = scene.fresh().eval()
    inputs = scene.inputs()
    with torch.no_grad():
        one = tensors.leaves(module(*copy.deepcopy(inputs)))
        two = tensors.leaves(module(*copy.deepcopy(inputs)))
    yield "" if _same(one, two) else "two runs in eval mode give different values"


def _inputs_kept(scene: Scene) -> Iterator[str]:
    module = scene.fresh().eval()
    inputs = scene.inputs()
    before = [leaf.clone() for leaf in tensors.leaves(inputs)]
    with torch.no_grad():
        module(*inputs)
    pairs = zip(scene.recipes[0].inputs, before, tensors.leaves(inputs), strict=False)
    changed = [name for (name, _), old, new in pairs if not torch.equal(old, new)]
    yield f"forward changes {', '.join(changed)} in place" if changed else ""


def _gradients(scene: Scene) -> Iterator[str]:
    module = scene.random().train()
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
    module = scene.random().eval()
    if not module.state_dict():
        return
    with torch.no_grad():
        file = io.BytesIO()
        torch.save(module.state_dict(), file)
        file.seek(0)
        other = scene.fresh().eval()
        other.load_state_dict(torch.load(file, weights_only=True))
        kept = _same(scene.run(module, scene.inputs()), scene.run(other, scene.inputs()))
    yield "" if kept else "a copy that loads its state_dict gives other values"


def _inputs_used(scene: Scene) -> Iterator[str]:
    module = scene.fresh().eval()
    inputs = scene.inputs()
    with torch.no_grad():
        base = scene.run(module, inputs)
        dead = []
        for index, (name, _) in enumerate(scene.recipes[0].inputs):
            other = [*inputs]
            other[index] = scene.inputs(seed=1)[index]
            if tensors.leaves(other[index]) and _same(base, scene.run(module, other)):
                dead.append(name)
    yield f"nothing depends on {', '.join(dead)}" if dead else ""


def _rows_sum_to_one(scene: Scene) -> Iterator[str]:
    """A module that ends in a softmax normalises over its last axis, at one of the ranks that it takes."""
    said = [
        seen
        for recipe in sorted(scene.recipes, key=_rank, reverse=True)
        if (seen := _row_sum(scene, recipe)) is not None
    ]
    if said:
        yield "" if "" in said else said[0]


def _row_sum(scene: Scene, recipe: Recipe) -> str | None:
    module = scene.fresh().eval()
    inputs = scene.inputs(recipe=recipe)
    with torch.no_grad():
        graph = Graph.from_json(trace(partial(module, *inputs), [], {}, tensors.leaves))
        outputs = scene.run(module, inputs)
    last = graph.made_by(graph.outputs[0]) if graph.outputs else None
    # Over the channels of an image, a softmax belongs on the second axis.
    if last is None or last.op not in _SOFTMAXES or outputs[0].dim() > 3:
        return None
    rows = outputs[0].exp() if "log" in last.op else outputs[0]
    total = rows.sum(-1).flatten()
    farthest = float(total[(total - 1).abs().argmax()])
    shape = " x ".join(map(str, outputs[0].shape))
    return "" if abs(farthest - 1) < _CLOSE_TO_ONE else f"a row of its {shape} output sums to {farthest:.3g}, not 1"


def _independent(scene: Scene) -> Iterator[str]:
    """Along some axis of the input each slice of the output depends on the slice of its own alone: the batch."""
    recipe = max(scene.recipes, key=_rank)
    roles = [role for index, (_, spec) in enumerate(recipe.inputs) for role in axis_roles(scene, recipe, index, spec)]
    if not roles or any(size == "independent" for size in roles):
        yield ""
        return
    if all(role == "gone" for role in roles):
        return
    yield "every example of a batch changes the output of the others"


def _takes_negatives(scene: Scene) -> Iterator[str]:
    """Logits are clipped by nothing: over many inputs some are below zero."""
    module = scene.fresh().eval()
    with torch.no_grad():
        lowest = min(float(scene.run(module, scene.inputs(seed))[0].min()) for seed in range(8))
    yield "" if lowest < 0 else f"its output is never below {lowest:.3g}"


def _on_one_device(scene: Scene) -> Iterator[str]:
    """On the meta device a tensor that forward makes on the CPU meets one that is not there."""
    module = scene.fresh()
    graph = Graph.from_json(trace(partial(module.train(), *scene.inputs()), [], {}, tensors.leaves))
    if not graph.ops() & _FACTORIES:
        yield ""
        return
    module = module.to("meta")
    inputs = tensors.map_tensors(lambda tensor: tensor.to("meta"), scene.inputs())
    try:
        module.train()(*inputs)
    except RuntimeError as error:
        yield f"forward makes a tensor on another device: {error}" if "device" in str(error) else ""
        return
    yield ""


def _no_future(scene: Scene) -> Iterator[str]:
    """No output position depends on a later input position."""
    recipe = max(scene.recipes, key=_rank)
    name, spec = recipe.inputs[0]
    roles = list(axis_roles(scene, recipe, 0, spec))
    if len(roles) < 2:
        return
    leaks = not any(role == "causal" for role in roles[:2])
    yield f"an output position depends on later positions of {name}" if leaks else ""


def axis_roles(scene: Scene, recipe: Recipe, index: int, spec: Spec) -> Iterator[str]:
    """What each axis but the last of a tensor input does to the output axis of the same size.

    ``independent``: a slice changes only its own slice; ``causal``: only its own and later ones; ``mixing``: others;
    ``gone``: no output axis has its size, or more than one.
    """
    if not isinstance(spec, Tensor):
        return
    module = scene.fresh().eval()
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


_FACTORIES = frozenset(
    (*RANDOM, "zeros", "ones", "empty", "full", "arange", "eye", "linspace", "lift_fresh", "scalar_tensor", "randperm")
)
_CLOSE_TO_ONE = 1e-4
_SOFTMAXES = ("_softmax", "_log_softmax", "_safe_softmax")
_LAWS: dict[str, Callable[[Scene], Iterator[str]]] = {
    "deterministic in eval mode": _deterministic,
    "inputs are not changed": _inputs_kept,
    "gradient reaches every parameter": _gradients,
    "state_dict holds the state": _state_kept,
    "every input matters": _inputs_used,
    "rows sum to one": _rows_sum_to_one,
    "one device": _on_one_device,
}
# What only some modules should keep, or what takes many runs.
_ON_REQUEST: dict[str, Callable[[Scene], Iterator[str]]] = {
    "examples are independent": _independent,
    "logits are not clipped": _takes_negatives,
    "no position sees the future": _no_future,
}
