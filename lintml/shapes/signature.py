"""The one-line notation of operator shapes, and how a line is held against the shapes at hand.

A line reads ``name(parameters) inputs -> outputs``; several names that share a line are joined by ``|``::

    nn.Linear(in_features, out_features, bias=True) *b in_features -> *b out_features
    torch.bmm(input, mat2) b n k, b k m -> b n m
    torch.flatten(input, start_dim=0, end_dim=-1) *s -> flatten(s, start_dim, end_dim)
    nn.LSTM(input_size, hidden_size, ...) (input, hx=None) !recurrent

A word is an axis; the same word is the same size along the line; a word that is a parameter has its value. ``*b`` is
any axes, ``#*b`` any axes that broadcast, ``#n`` one that does, ``[b]`` one that may be absent, ``_`` any one axis,
``each`` a list of tensors. ``verb(…)`` computes: a size among axes, a whole shape where it stands alone. ``:index``,
``:bool`` or ``:float`` behind an input or output is its dtype. ``!name`` names an operator that no line can say.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from lintml.shapes import operators, verbs
from lintml.shapes.call import UNKNOWN, Call, Mismatch, Output
from lintml.shapes.expression import Expression, parse
from lintml.shapes.shape import Axis, Shape

REQUIRED: Final = object()


@dataclass(frozen=True, slots=True)
class Token:
    """One axis of a pattern: an expression over words, maybe broadcast, maybe absent."""

    word: str
    value: Expression | None
    broadcast: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """The axes of one input or output; ``star`` is the word for the leading ones."""

    tokens: tuple[Token, ...]
    star: str | None = None
    spread: bool = False
    each: bool = False
    dtype: str = ""
    verb: Expression | None = None


@dataclass(frozen=True)
class Signature:
    """One parsed line. ``parameters`` map names to defaults (``REQUIRED``, or the default's value)."""

    name: str
    parameters: Mapping[str, Any]
    inputs: tuple[Pattern, ...]
    outputs: tuple[Pattern, ...]
    forward: Mapping[str, Any] = field(default_factory=dict)
    operator: str = ""

    @property
    def tensors(self) -> tuple[str, ...]:
        """The names of the tensor inputs, in order."""
        names = tuple(self.forward or self.parameters)
        return names[: len(self.inputs)] if self.inputs else names

    def apply(self, call: Call) -> tuple[Output, ...]:
        """The outputs' shapes; what does not fit is noted on the call, and the declared size then stands."""
        if self.operator:
            return getattr(operators, self.operator)(call)  # type: ignore[no-any-return]
        words: dict[str, Any] = dict(call.settings)
        for position, (pattern, given) in enumerate(zip(self.inputs, call.tensors, strict=False)):
            if pattern.each:
                words["each"] = given
            elif isinstance(given, Shape):
                _match(pattern, given, position, words, call)
            elif given is not None:
                words[pattern.star or ""] = UNKNOWN
        return tuple(out for pattern in self.outputs for out in _outputs(pattern, words, call))


def _match(pattern: Pattern, given: Shape, position: int, words: dict[str, Any], call: Call) -> None:
    world = call.world
    tokens = pattern.tokens
    if pattern.star is None:
        least = sum(not token.optional for token in tokens)
        shape = world.decide(given, range(len(tokens), least - 1, -1))
        if shape is None:
            given = world.shape(given)
            call.mismatches.append(Mismatch(position, "rank", len(tokens), given.rank, given))
            shape = None
        elif len(shape.dims) < len(tokens):
            tokens = tuple(token for token in tokens if not token.optional)
    else:
        shape = world.expose(given, len(tokens))
        if shape is None:
            given = world.shape(given)
            call.mismatches.append(Mismatch(position, "rank", len(tokens), given.rank, given))
    if shape is None:
        for token in tokens:
            words.setdefault(token.word, UNKNOWN)
        if pattern.star is not None:
            words.setdefault(pattern.star, UNKNOWN)
        return
    cut = len(shape.dims) - len(tokens)
    for offset, token in enumerate(tokens):
        _match_axis(token, shape.dims[cut + offset], offset - len(tokens), position, shape, words, call)
    words["\0absent"] = words.get("\0absent", False) or len(tokens) < len(pattern.tokens)
    if pattern.star is not None:
        _match_star(pattern, Shape(shape.dims[:cut], shape.rest), position, words, call)


def _match_axis(
    token: Token, got: Axis, axis: int, position: int, shape: Shape, words: dict[str, Any], call: Call
) -> None:
    if token.word == "_":
        return
    if token.word.isidentifier() and token.word not in words:
        words[token.word] = got
        return
    want = token.value(words) if token.value else None
    if want is UNKNOWN or want is None:
        if token.word.isidentifier() and token.word not in call.settings:
            words[token.word] = got
        return
    if token.broadcast:
        words[token.word], answer = call.world.broadcast(want, got)
    else:
        answer = call.world.unify(want, got)
    if answer is not True and answer is not None:
        call.mismatches.append(Mismatch(position, token.word, want, call.world.size(got), shape, answer, axis))


def _match_star(pattern: Pattern, front: Shape, position: int, words: dict[str, Any], call: Call) -> None:
    star = pattern.star or ""
    known = words.get(star)
    if known is None:
        words[star] = front
    elif isinstance(known, Shape):
        if pattern.spread:
            words[star] = verbs.broadcast(call, known, front, position) or UNKNOWN
        else:
            verbs.same(call, known, front, position, star)


def _outputs(pattern: Pattern, words: dict[str, Any], call: Call) -> list[Output]:
    if pattern.verb is not None:
        found = pattern.verb(words, call)
        many = found if isinstance(found, list) else [found]
        return [Output(shape if isinstance(shape, Shape) else None, pattern.dtype) for shape in many]
    dims: list[Axis] = []
    for token in pattern.tokens:
        if token.optional and words.get("\0absent"):
            continue
        value = token.value(words, call) if token.value else None
        dims.append(None if value is UNKNOWN else value)
    if pattern.star is None:
        return [Output(Shape(dims), pattern.dtype)]
    front = words.get(pattern.star)
    if not isinstance(front, Shape):
        return [Output(None, pattern.dtype)]
    return [Output(Shape(front.dims + tuple(dims), front.rest), pattern.dtype)]


_HEAD = re.compile(
    r"(?P<names>[\w.|]+)\((?P<parameters>[^()]*(?:\([^()]*\)[^()]*)*)\)\s*(?:\((?P<forward>[^()]*)\)\s*)?(?P<body>.*)"
)


@cache
def read(line: str) -> Signature:
    """The signature that a line declares; ValueError where it is not one."""
    found = _HEAD.fullmatch(line.strip())
    if not found:
        raise ValueError(f"no signature: {line!r}")
    name = found["names"].split("|")[0]
    parameters = _parameters(found["parameters"])
    forward = _parameters(found["forward"] or "")
    body = found["body"].strip()
    if body.startswith("!"):
        return Signature(name, parameters, (), (), forward, body[1:])
    left, _, right = body.partition("->")
    return Signature(name, parameters, _patterns(left, False), _patterns(right, True), forward)


def names(line: str) -> Sequence[str]:
    """The operators that a line declares."""
    return line.strip().partition("(")[0].split("|")


def _parameters(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in _split(text, ","):
        name, has_default, default = part.partition("=")
        found[name.strip()] = _literal(default.strip()) if has_default else REQUIRED
    return found


def _literal(text: str) -> Any:
    known = {"None": None, "True": True, "False": False}
    if text in known:
        return known[text]
    if text.startswith("("):
        return tuple(_literal(part) for part in _split(text[1:-1], ","))
    if text[:1] in "'\"":
        return text[1:-1]
    try:
        return int(text)
    except ValueError:
        return float(text)


def _patterns(text: str, output: bool) -> tuple[Pattern, ...]:
    return tuple(_pattern(part, output) for part in _split(text, ","))


def _pattern(text: str, output: bool) -> Pattern:
    words = _split(text, " ")
    dtype = words.pop()[1:] if words and words[-1].startswith(":") else ""
    each = bool(words) and words[0] == "each"
    words = words[each:]
    star, spread = None, False
    if words and words[0].lstrip("#").startswith("*"):
        spread = words[0].startswith("#")
        star = words.pop(0).lstrip("#*")
    if output and star is None and len(words) == 1 and words[0].partition("(")[0] in verbs.SHAPES:
        return Pattern((), None, dtype=dtype, verb=parse(words[0]))
    return Pattern(tuple(map(_token, words)), star, spread, each, dtype)


def _token(text: str) -> Token:
    optional = text.startswith("[")
    text = text.strip("[]") if optional else text
    broadcast = text.startswith("#")
    text = text.lstrip("#")
    return Token(text, parse(text) if text != "_" else None, broadcast, optional)


def _split(text: str, at: str) -> list[str]:
    """Cut at a separator that stands outside all brackets; empty pieces are dropped."""
    pieces, depth, piece = [], 0, ""
    for character in text:
        depth += (character in "([") - (character in ")]")
        if character == at and depth == 0:
            pieces.append(piece.strip())
            piece = ""
        else:
            piece += character
    pieces.append(piece.strip())
    return [piece for piece in pieces if piece]
