"""The one-line notation of operator shapes, and how a line is held against the shapes at hand.

A line reads ``name(parameters) inputs -> outputs``; several names that share a line are joined by ``|``, and a line
that begins with a space goes on with the one before::

    torch.nn.Linear(in_features, out_features, bias=True) *b in_features -> *b out_features
    torch.bmm(input, mat2) b n k, b k m -> b n m
    torch.flatten(input, start_dim=0, end_dim=-1) *s -> flatten(s,start_dim,end_dim)
    torch.nn.LSTM(input_size, hidden_size, ...) (input, hx=None) !recurrent.recurrent

A word is an axis; the same word is the same size along the line; a word that is a parameter has its value. ``*b`` is
any axes, ``#*b`` any axes that broadcast, ``#n`` one that does, ``[b]`` one that may be absent, ``_`` any one axis,
``each`` a list of tensors. ``verb(…)`` computes: a size among axes, a whole shape where it stands alone. ``:index``,
``:bool`` or ``:float`` behind an input or output is its dtype. Inputs are the first parameters in their order;
``name:`` ahead of an input says which one it is. ``setting?`` ahead of an output: it is there if the setting is true.
``!module.name`` names an operator of ``lintml.shapes.operators`` that no line can say.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from typing import Any

from lintml.shapes import verbs
from lintml.shapes.call import UNKNOWN, Call, Output, is_size
from lintml.shapes.dim import symbols
from lintml.shapes.notation import REQUIRED, Pattern, Token, entries, names, parsed
from lintml.shapes.shape import Axis, Shape

__all__ = ["REQUIRED", "Pattern", "Signature", "Token", "entries", "names", "read"]

_ABSENT = "\0absent"  # whether the axis that may be absent is; no word can be spelt so


@dataclass(frozen=True)
class Signature:
    """One parsed line: a function with its parameters, or a layer with those of its constructor and of its forward.

    Parameters map names to defaults (``REQUIRED``, or the default's value).
    """

    name: str
    parameters: Mapping[str, Any]
    inputs: tuple[Pattern, ...]
    outputs: tuple[Pattern, ...]
    forward: Mapping[str, Any] = field(default_factory=dict)
    operator: str = ""

    @cached_property
    def tensors(self) -> tuple[str, ...]:
        """The names of the tensor inputs, in order."""
        spelt = tuple(self.forward or self.parameters)
        if not self.inputs:
            return spelt if self.operator else ()
        return tuple(
            pattern.name or (spelt[at] if at < len(spelt) else "input") for at, pattern in enumerate(self.inputs)
        )

    @cached_property
    def listed(self) -> bool:
        """Whether the result is a list of tensors, also where it holds one, or nobody knows how many."""
        return any(pattern.many for pattern in self.outputs)

    @cached_property
    def operands(self) -> bool:
        """Whether a number may stand where a tensor does."""
        return bool(self.operator) or any(pattern.spread for pattern in self.inputs)

    def apply(self, call: Call) -> tuple[Output, ...]:
        """The outputs' shapes; what does not fit is noted on the call, and the declared size then stands."""
        if self.operator:
            return self._run(call)
        words: dict[str, Any] = dict(call.settings)
        for position, (pattern, given) in enumerate(zip(self.inputs, call.tensors, strict=False)):
            if pattern.each:
                words["each"] = given
            elif isinstance(given, Shape):
                _match(pattern, given, position, words, call)
            elif pattern.spread or given is not None:
                words[pattern.star or ""] = UNKNOWN
        made: list[Output] = []
        for pattern in self.outputs:
            there = call.settings.get(pattern.when, False) if pattern.when else True
            if there is UNKNOWN:
                return (Output(None),)
            if there:
                made += _outputs(pattern, words, call)
        if call.settings.get("dtype") is not None:
            return tuple([Output(output.shape) for output in made])  # of the dtype that is asked for
        return tuple(made)

    @cached_property
    def _run(self) -> Callable[[Call], tuple[Output, ...]]:
        module, _, name = self.operator.rpartition(".")
        return getattr(import_module(f"lintml.shapes.operators.{module}"), name)  # type: ignore[no-any-return]


@cache
def read(line: str) -> Signature:
    """The signature that a line declares; ValueError where it is not one."""
    parts = parsed(line)
    layer = ".nn." in parts.names[0] and parts.names[0].rpartition(".")[2][0].isupper()
    forward = parts.forward or ({"input": REQUIRED} if layer else {})
    return Signature(parts.names[0], parts.parameters, parts.inputs, parts.outputs, forward, parts.operator)


def _match(pattern: Pattern, given: Shape, position: int, words: dict[str, Any], call: Call) -> None:
    shape = _in_sight(pattern, given, position, call)
    if shape is None:
        for token in pattern.tokens:
            words.setdefault(token.word, UNKNOWN)
        if pattern.star is not None:
            words.setdefault(pattern.star, UNKNOWN)
        return
    ahead, behind = pattern.ahead, pattern.behind
    if pattern.star is None and len(shape.dims) < len(behind):
        behind = tuple([token for token in behind if not token.optional])
        words[_ABSENT] = True
    else:
        words.setdefault(_ABSENT, False)
    rank = len(shape.dims)
    for at, token in enumerate(ahead):
        _match_axis(token, shape.dims[at], at - rank, position, shape, words, call)
    cut = rank - len(behind)
    for at, token in enumerate(behind):
        _match_axis(token, shape.dims[cut + at], at - len(behind), position, shape, words, call)
    if pattern.star is not None:
        _match_star(pattern, Shape(shape.dims[len(ahead) : cut], shape.rest), position, words, call)


def _in_sight(pattern: Pattern, given: Shape, position: int, call: Call) -> Shape | None:
    """The input's shape with every axis of the pattern in sight; refused where it has too few or too many."""
    world, tokens = call.world, pattern.tokens
    if pattern.star is None:
        least = sum([not token.optional for token in tokens])
        guessed = _is_guessed(world.shape(given))
        shape = world.decide(given, range(len(tokens), least - 1, -1))
        # What may be absent at the end is no batch: features of one step, say.
        if guessed and tokens[0].optional and shape is not None and len(shape.dims) < len(tokens):
            world.take_as_lone()
    elif pattern.ahead:
        fitting = [rank for rank in world.plausible(given, len(tokens)) if rank >= len(tokens)]
        shape = world.decide(given, fitting) if fitting else None
    else:
        shape = world.expose(given, len(tokens))
    if shape is None:
        given = world.shape(given)
        call.refuse("rank", len(tokens), given.rank, given, position=position)
    return shape


def _is_guessed(shape: Shape) -> bool:
    """Whether it is a guess how many axes an input has, made by now or still to make."""
    return shape.rest is not None or any(
        found.leading for axis in shape.dims[:1] if axis is not None for found in symbols(axis)
    )


def _match_axis(
    token: Token, got: Axis, axis: int, position: int, shape: Shape, words: dict[str, Any], call: Call
) -> None:
    if token.value is None:
        return
    if token.plain and token.word not in words:
        words[token.word] = got
        return
    want = token.value(words, call)
    if not is_size(want):
        if token.plain and token.word not in call.settings:
            words[token.word] = got
        return
    if token.broadcast:
        words[token.word], answer = call.world.broadcast(want, got)
    else:
        answer = call.require(want, got)
    if answer is not True and answer is not None:
        call.refuse(token.word, want, call.world.size(got), shape, answer, position=position, index=axis)
        # What a norm was made for is not what comes out of it: what follows is not to be blamed for it.
        words[token.word] = None


def _match_star(pattern: Pattern, front: Shape, position: int, words: dict[str, Any], call: Call) -> None:
    star = pattern.star or ""
    known = words.get(star)
    if known is None:
        words[star] = front
    elif isinstance(known, Shape):
        if pattern.spread:
            words[star] = verbs.broadcast(call, known, front, position, len(pattern.behind)) or UNKNOWN
        else:
            verbs.same(call, known, front, position, star)


def _outputs(pattern: Pattern, words: Mapping[str, Any], call: Call) -> list[Output]:
    if pattern.verb is not None:
        found = pattern.verb(words, call)
        many = found if isinstance(found, list) else [found]
        return [Output(shape if isinstance(shape, Shape) else None, pattern.dtype) for shape in many]
    front = words.get(pattern.star) if pattern.star is not None else None
    if pattern.star is not None and not isinstance(front, Shape):
        return [Output(None, pattern.dtype)]
    if _ABSENT not in words and any(token.optional for token in pattern.behind):
        return [Output(None, pattern.dtype)]
    behind = _sizes(pattern.behind, words, call)
    if not isinstance(front, Shape):
        return [Output(Shape(behind), pattern.dtype)]
    if not pattern.ahead:
        return [Output(Shape(front.dims + behind, front.rest), pattern.dtype)]
    if front.rest is not None:
        return [Output(None, pattern.dtype)]
    return [Output(Shape(_sizes(pattern.ahead, words, call) + front.dims + behind), pattern.dtype)]


def _sizes(tokens: tuple[Token, ...], words: Mapping[str, Any], call: Call) -> tuple[Axis, ...]:
    sizes: list[Axis] = []
    for token in tokens:
        if token.optional and words.get(_ABSENT):
            continue
        value = token.value(words, call) if token.value is not None else None
        sizes.append(value if is_size(value) else None)
    return tuple(sizes)
