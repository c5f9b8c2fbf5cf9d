"""The moves that training is made of: gradients cleared, worked out, clipped and stepped along, block by block."""

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lintml.analysis.invocations import Invocation
from lintml.analysis.values import Bound, Made, Tensor, Value

_KINDS: Final = {
    "zero_grad": "clear",
    "backward": "backward",
    "unscale_": "unscale",
    "step": "step",
    "clip_grad_norm_": "clip",
    "clip_grad_value_": "clip",
}
_CLIPS: Final = frozenset({"torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_value_"})
_SCALERS: Final = frozenset({"torch.amp.GradScaler", "torch.cuda.amp.GradScaler"})
_OPTIMIZERS: Final = "torch.optim."
_SCHEDULERS: Final = "torch.optim.lr_scheduler."
_BLOCKS: Final = ("body", "orelse", "finalbody")
_BOUNDS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """One call that does its part in training.

    ``kind`` is "clear", "backward", "clip", "unscale", "step" or "schedule"; ``owner`` is what it is called on, and
    ``made`` the optimizer, scheduler or scaler that this is wherever the call is seen to be made; ``optimizer`` is the
    one that a step is taken with, or that a schedule was made for. In its block it stands in statement ``at``, which is
    ``plain`` if it is nothing but this call; it is ``conditional`` if something decides there whether it is made.
    """

    kind: str
    call: ast.Call
    owner: ast.expr | None
    made: Made | None
    optimizer: Made | None
    at: int
    plain: bool
    conditional: bool

    def is_on(self, other: "Move") -> bool:
        """Whether two moves are made on one object: the same one, or the same words for it."""
        if self.made is not None and other.made is not None:
            return self.made is other.made
        return self.owner is not None and other.owner is not None and ast.dump(self.owner) == ast.dump(other.owner)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Statements that follow each other, and the moves in them in their order; ``around`` is what they are part of."""

    around: ast.AST
    statements: Sequence[ast.stmt]
    moves: tuple[Move, ...]

    @property
    def repeats(self) -> bool:
        """Whether it is the body of a loop."""
        return isinstance(self.around, (ast.For, ast.AsyncFor, ast.While)) and self.statements is self.around.body

    def of(self, *kinds: str) -> list[Move]:
        """The moves of these kinds."""
        return [each for each in self.moves if each.kind in kinds]


def blocks(
    nodes: Iterable[ast.AST],
    parents: Callable[[ast.AST], Iterator[ast.AST]],
    path: Callable[[ast.AST], str | None],
    invocations: Callable[[], Iterable[Invocation]],
) -> list[Block]:
    """The blocks of a page that have moves in them."""
    known = [node for node in nodes if isinstance(node, ast.Call) and _name(node.func) in _KINDS]
    if not known:
        return []
    values = _Values(invocations())
    found: dict[int, tuple[ast.AST, Sequence[ast.stmt], list[Move]]] = {}
    for call in known:
        kind, owner, made = _kind(call, path, values)
        if not kind:
            continue
        optimizer = values.optimizer(call, kind, made)
        child: ast.AST = call
        conditional = False
        for parent in parents(call):
            if isinstance(child, ast.stmt):
                if isinstance(child, _BOUNDS):
                    break
                statements = _holding(parent, child)
                at = next(index for index, each in enumerate(statements) if each is child)
                plain = isinstance(child, ast.Expr) and child.value is call
                move = Move(kind, call, owner, made, optimizer, at, plain, conditional)
                found.setdefault(id(statements), (parent, statements, []))[2].append(move)
            elif isinstance(child, ast.Lambda):
                break
            conditional = conditional or _decides(parent, child)
            child = parent
    return [Block(around, statements, tuple(moves)) for around, statements, moves in found.values()]


class _Values:
    """What the calls of a page are made on and with, in all of its runs."""

    def __init__(self, invocations: Iterable[Invocation]) -> None:
        self._of: dict[ast.Call, list[Invocation]] = defaultdict(list)
        for each in invocations:
            self._of[each.node].append(each)

    def owner(self, call: ast.Call) -> Made | None:
        """The one object that a method is called on wherever that is seen: code on its own may not show it."""
        owners = [each.called.owner for each in self._of[call] if isinstance(each.called, Bound)]
        return _only([owner for owner in owners if not isinstance(owner, Tensor)])

    def optimizer(self, call: ast.Call, kind: str, made: Made | None) -> Made | None:
        """The optimizer that a step is taken with, or that a scheduler was made for."""
        if made is None:
            return None
        if kind == "schedule":
            return _only([self._first(each) for each in self._of[made.node]])
        if kind == "step" and made.path in _SCALERS:
            given = [self._first(each) for each in self._of[call]]
            return _only([each for each in given if isinstance(each, Made)])
        return made if kind in ("step", "clear") else None

    def _first(self, invocation: Invocation) -> Value:
        return invocation.arguments[0] if invocation.arguments else invocation.keywords.get("optimizer")


def _only(values: Sequence[Value]) -> Made | None:
    """The object of torch that all values are: made by one call, if perhaps in several runs."""
    first = values[0] if values else None
    same = all(isinstance(each, Made) and isinstance(first, Made) and each.node is first.node for each in values)
    return first if isinstance(first, Made) and same else None


def _kind(
    call: ast.Call, path: Callable[[ast.AST], str | None], values: _Values
) -> tuple[str, ast.expr | None, Made | None]:
    kind = _KINDS[_name(call.func)]
    if kind == "clip":
        return (kind if path(call.func) in _CLIPS else "", None, None)
    if not isinstance(call.func, ast.Attribute):
        return "", None, None
    made = values.owner(call)
    if made is not None and kind == "step" and made.path.startswith(_SCHEDULERS):
        kind = "schedule"
    return kind, call.func.value, made


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _holding(parent: ast.AST, child: ast.stmt) -> Sequence[ast.stmt]:
    """The statements of a parent that a child is one of."""
    for field in _BLOCKS:
        block = getattr(parent, field, None)
        if isinstance(block, list) and any(each is child for each in block):
            return block
    return [child]


def _decides(parent: ast.AST, child: ast.AST) -> bool:
    """Whether it depends on something that a part of a statement or expression is reached."""
    if isinstance(parent, (ast.If, ast.IfExp, ast.While)):
        return parent.test is not child
    return isinstance(parent, (ast.Try, ast.BoolOp, ast.match_case, ast.ExceptHandler))
