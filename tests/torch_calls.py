"""Calls drawn from the lines of the tables: inputs of the shapes that a line describes, settings that its words allow."""

import random
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from lintml.shapes.call import Call
from lintml.shapes.notation import REQUIRED, Pattern
from lintml.shapes.signature import Signature
from lintml.shapes.world import World

Draw = Callable[[random.Random, "Drawn"], Any]
CHOICES = (
    ("meta", torch.float32),
    ("cpu", torch.float32),
    ("cpu", torch.int64),
    ("cpu", torch.complex64),
    ("cpu", torch.bool),
)
LENGTHS = (4, 5, 6, 7, 8, 9)  # of the axes that windows slide over
SIZES = (2, 3, 4, 5, 6)


@dataclass
class Drawn:
    """A call that may fit: the shape of each tensor, a list of shapes for ``each``, and the settings by name."""

    name: str
    signature: Signature
    shapes: dict[str, Any]
    settings: dict[str, Any]
    axes: int  # how many axes the operator's name says that it works on, 1 where it says nothing

    @property
    def rank(self) -> int:
        """The number of axes of the first tensor."""
        first = next(iter(self.shapes.values()), ())
        return len(first[0] if first and not isinstance(first[0], int) else first)

    @property
    def first(self) -> tuple[int, ...]:
        """The first tensor's shape."""
        first = next(iter(self.shapes.values()), ())
        return first[0] if first and not isinstance(first[0], int) else first


def _axis(random: random.Random, drawn: Drawn) -> int:
    rank = max(drawn.rank, 1)
    return random.randrange(-rank, rank)


def _maybe(draw: Draw) -> Draw:
    return lambda random, drawn: draw(random, drawn) if random.random() < 0.6 else None


def _window(low: int, high: int) -> Draw:
    def draw(random: random.Random, drawn: Drawn) -> Any:
        if drawn.axes > 1 and random.random() < 0.4:
            return tuple(random.randint(low, high) for _ in range(drawn.axes))
        return random.randint(low, high)

    return draw


def _parts(random: random.Random, drawn: Drawn) -> Any:
    if random.random() < 0.5:
        return random.randint(1, 4)
    size = drawn.first[drawn.settings.get("dim", 0)] if drawn.first else 1
    cut = random.randint(0, size)
    return [cut, size - cut]


def _regrouped(random: random.Random, drawn: Drawn) -> tuple[int, ...]:
    sizes = list(drawn.first)
    if len(sizes) > 1 and random.random() < 0.6:
        at = random.randrange(len(sizes) - 1)
        sizes[at : at + 2] = [sizes[at] * sizes[at + 1]]
    if random.random() < 0.3:
        sizes.insert(random.randint(0, len(sizes)), 1)
    if sizes and random.random() < 0.5:
        sizes[random.randrange(len(sizes))] = -1
    return tuple(sizes)


def _expanded(random: random.Random, drawn: Drawn) -> tuple[int, ...]:
    kept = tuple(random.choice((-1, size)) if size != 1 else random.randint(1, 4) for size in drawn.first)
    return (*[random.randint(1, 3) for _ in range(random.randint(0, 2))], *kept)


def _times(random: random.Random, drawn: Drawn) -> tuple[int, ...]:
    return tuple(random.randint(1, 3) for _ in range(drawn.rank + random.randint(0, 1)))


def _order(random: random.Random, drawn: Drawn) -> tuple[int, ...]:
    return tuple(random.sample(range(drawn.rank), drawn.rank))


def _pairs(random: random.Random, drawn: Drawn) -> tuple[int, ...]:
    return tuple(random.randint(0, 2) for _ in range(2 * random.randint(1, max(drawn.rank, 1))))


def _asked_size(random: random.Random, drawn: Drawn) -> Any:
    name = drawn.name.lower()
    if "interpol" in name or "upsampl" in name:
        return None  # a scale factor is drawn instead
    if "response" in name or "lrn" in name or "unfold" in name:
        return 2
    return tuple(random.randint(1, 4) for _ in range(random.randint(0, 3)))


def _border(random: random.Random, drawn: Drawn) -> Any:
    if drawn.name[:-2].endswith("Pad"):
        pairs = tuple(random.randint(0, 1) for _ in range(2 * drawn.axes))
        return random.choice((pairs, 1))
    return _window(0, 1)(random, drawn)


def _probability(random: random.Random, drawn: Drawn) -> Any:
    return 0.5 if "drop" in drawn.name else 2


def _repeats(random: random.Random, drawn: Drawn) -> Any:
    return random.randint(1, 3) if "interleave" in drawn.name else _times(random, drawn)


def _arguments(random: random.Random, drawn: Drawn) -> tuple[float, ...]:
    return (1.0,) if "fill" in drawn.name else ()


def _one(*choices: Any) -> Draw:
    return lambda random, drawn: random.choice(choices)


SETTINGS: Mapping[str, Draw] = {
    "dim": _axis,
    "dim0": _axis,
    "dim1": _axis,
    "dim2": _axis,
    "dimension": _axis,
    "source": _axis,
    "destination": _axis,
    "start_dim": _axis,
    "end_dim": _axis,
    "keepdim": _one(True, False),
    "kernel_size": _window(1, 3),
    "stride": _window(1, 3),
    "padding": _border,
    "dilation": _window(1, 2),
    "output_padding": _window(0, 1),
    "output_size": _window(1, 4),
    "ceil_mode": _one(True, False),
    "return_indices": _one(True, False),
    "groups": _one(1, 2),
    "reduction": _one("mean", "sum", "none"),
    "upscale_factor": _one(1, 2),
    "downscale_factor": _one(1, 2),
    "scale_factor": _one(2, 3, 0.5, 1.5),
    "num_classes": _one(-1, 4),
    "chunks": _one(1, 2, 3, 4),
    "split_size_or_sections": _parts,
    "split_sizes": _parts,
    "indices_or_sections": _one(1, 2, 3, (1,), (1, 3)),
    "shape": _regrouped,
    "sizes": _regrouped,
    "unflattened_size": _regrouped,
    "size": _asked_size,
    "repeats": _repeats,
    "args": _arguments,
    "num_embeddings": _one(9),
    "dims": _order,
    "pad": _pairs,
    "k": _one(1, 2),
    "n": _one(1, 2, 3, 5),
    "m": _one(None, 3),
    "s": _one(None, (3, 4)),
    "index": _one(0, 1),
    "start": _one(0, 1),
    "end": _one(5, 7),
    "length": _one(1, 2),
    "step": _one(1, 2, 3),
    "steps": _one(1, 4),
    "offset": _one(0, 1, -1),
    "diagonal": _one(0, 1, -1),
    "p": _probability,
    "r": _one(2),
    "shifts": _one(1, 2),
    "num_samples": _one(1, 2),
    "num_groups": _one(1),
    "bins": _one(3, 5),
    "q": _one(0.5),
    "exponent": _one(2),
    "threshold": _one(0.5),
    "value": _one(1.0),
    "weight": _one(0.5),
    "maxnorm": _one(1.0),
    "norm_type": _one(2),
    "decimals": _one(0),
    "n_classes": _one(9),
    "cutoffs": _one([3, 6]),
    "row": _one(3),
    "col": _one(4),
    "window_length": _one(1, 5),
    "fill_value": _one(1.0),
    "low": _one(5),
    "num_layers": _one(1, 2),
    "ord": _one(2),
    "alpha": _one(1),
    "lambd": _one(0.5),
    "train": _one(False),
    "full_matrices": _one(True, False),
    "memory_format": _one(torch.contiguous_format),
    "max": _one(1.0),
    "min": _one(0.0),
    "other": _one(2.0),
}
KEPT = {
    "alpha",
    "p",
    "value",
    "min",
    "max",
    "threshold",
    "offset",
    "n",
    "s",
    "decimals",
    "m",
    "lambd",
    "ord",
    "index",
    "weight",
}


def draw(signature: Signature, name: str, seed: int) -> Drawn:
    """A call of the line; ``seed`` chooses ranks, sizes, which axes are absent, broadcast, and the settings."""
    chance = random.Random(f"{name} {seed}")
    axes = re.search(r"(\d)d", name)
    drawn = Drawn(name, signature, {}, {}, int(axes[1]) if axes else 1)
    words: dict[str, Any] = {}
    names = {token.word for pattern in (*signature.inputs, *signature.outputs) for token in pattern.tokens}
    layer = name.rpartition(".")[2][:1].isupper()
    for parameter in signature.parameters if layer else ():
        if parameter in names:
            words[parameter] = drawn.settings[parameter] = chance.choice(SIZES)
    for at, pattern in enumerate(signature.inputs):
        parameter = signature.tensors[at]
        default = (signature.forward or signature.parameters).get(parameter, REQUIRED)
        if default is None and chance.random() < 0.5:
            continue
        drawn.shapes[parameter] = _list(chance, words) if pattern.each else _shape(chance, pattern, words, drawn)
    for parameter, default in signature.parameters.items():
        bare = parameter.lstrip("*")
        if parameter in signature.tensors or bare in drawn.settings or bare in drawn.shapes:
            continue
        always = default is REQUIRED or bare == "scale_factor"
        if always or (bare in SETTINGS and bare not in KEPT and chance.random() < 0.5):
            maker = SETTINGS.get(bare)
            if maker is not None:
                drawn.settings[bare] = maker(chance, drawn)
    return drawn


def _shape(chance: random.Random, pattern: Pattern, words: dict[str, Any], drawn: Drawn) -> tuple[int, ...]:
    absent = words.setdefault("absent", chance.random() < 0.3)
    ahead = tuple(_size(chance, token.word, words, token.value, drawn) for token in pattern.ahead)
    behind = tuple(
        _size(chance, token.word, words, token.value, drawn)
        for token in pattern.behind
        if not (token.optional and absent)
    )
    if pattern.star is None:
        return behind
    if pattern.star not in words:
        known = drawn.first if pattern.spread and drawn.shapes else None
        words[pattern.star] = known or tuple(chance.choice(SIZES) for _ in range(chance.choice((0, 1, 2, 2, 3, 3, 4))))
    star = words[pattern.star]
    if pattern.spread:
        star = tuple(1 if chance.random() < 0.25 else size for size in star[chance.choice((0, 0, 0, 1)) :])
    return (*ahead, *star, *behind)


def _size(chance: random.Random, word: str, words: dict[str, Any], value: Any, drawn: Drawn) -> int:
    if word.isidentifier():
        if word not in words:
            words[word] = chance.choice(LENGTHS if word in "nhwd" else SIZES)
        return int(words[word])
    if value is None:
        return chance.choice(SIZES)
    if "groups" in word:
        words.setdefault("groups", drawn.settings.setdefault("groups", chance.choice((1, 2))))
    found = value(words, Call("", [], {}, World()))
    return found if isinstance(found, int) else chance.choice(SIZES)


def _list(chance: random.Random, words: dict[str, Any]) -> list[tuple[int, ...]]:
    rank = chance.choice((1, 1, 2, 3))
    base = tuple(chance.choice(SIZES) for _ in range(rank))
    return [base for _ in range(chance.choice((1, 2, 3)))]


def disturbed(drawn: Drawn, seed: int) -> Drawn:
    """The call with one axis of one tensor of another size, gone, or one more."""
    chance = random.Random(f"disturb {seed}")
    shapes = dict(drawn.shapes)
    if not shapes:
        return drawn
    name = chance.choice(list(shapes))
    whole = shapes[name]
    if whole and not isinstance(whole[0], int):
        at = chance.randrange(len(whole))
        shapes[name] = [*whole[:at], _changed(chance, whole[at]), *whole[at + 1 :]]
    else:
        shapes[name] = _changed(chance, whole)
    return Drawn(drawn.name, drawn.signature, shapes, drawn.settings, drawn.axes)


def _changed(chance: random.Random, shape: Sequence[int]) -> tuple[int, ...]:
    kind = chance.choice(("size", "size", "gone", "more"))
    if not shape or kind == "more":
        at = chance.randint(0, len(shape))
        return (*shape[:at], chance.choice(SIZES), *shape[at:])
    at = chance.randrange(len(shape))
    return (*shape[:at], *([] if kind == "gone" else [chance.choice((1, *SIZES))]), *shape[at + 1 :])


def attempts(drawn: Drawn, call: Callable[[dict[str, Any]], Any], *, real: bool = False) -> Any:
    """The result of a call with its tensors made, in the first dtypes that torch takes; the last error if none is.

    The meta device comes first unless ``real``: it is quick, but lets some calls pass that fail on a real one.
    """
    dtypes = {
        name: pattern.dtype for name, pattern in zip(drawn.signature.tensors, drawn.signature.inputs, strict=False)
    }
    error: Exception = RuntimeError("not called")
    for device, dtype in CHOICES[real:]:
        made = {name.lstrip("*"): _tensors(shape, dtypes[name], device, dtype) for name, shape in drawn.shapes.items()}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return call({**made, **drawn.settings})
        except Exception as raised:
            error = raised
    raise error


def _tensors(shape: Any, said: str, device: str, dtype: torch.dtype) -> Any:
    if isinstance(shape, list):
        return [_tensors(each, said, device, dtype) for each in shape]
    kinds = {"index": torch.int64, "bool": torch.bool, "complex": torch.complex64}
    return torch.zeros(shape, dtype=kinds.get(said, dtype), device=device)
