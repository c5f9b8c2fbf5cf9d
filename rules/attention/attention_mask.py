"""A causal mask that hides the wrong positions, or hides them too late.

A triangle of ones says either who may be looked at or who may not, and each place that takes a mask reads it its own
way. Turned round, one position is left with nothing to look at, and its weights are no numbers.

```python wrong
import torch

allowed = torch.tril(torch.ones(3, 3))
scores = torch.zeros(3, 3).masked_fill(allowed == 1, float("-inf"))
weights = torch.softmax(scores, dim=-1)
assert torch.allclose(weights.sum(-1), torch.ones(3))
```

```python right
import torch

allowed = torch.tril(torch.ones(3, 3))
scores = torch.zeros(3, 3).masked_fill(allowed == 0, float("-inf"))
weights = torch.softmax(scores, dim=-1)
assert torch.allclose(weights.sum(-1), torch.ones(3))
```

What is to be hidden must be infinitely far down before the softmax. A zero there is a score like any other:

```python wrong
import torch

allowed = torch.tril(torch.ones(3, 3))
scores = torch.randn(3, 3).masked_fill(allowed == 0, 0)
weights = torch.softmax(scores, dim=-1)
assert weights[0, 1] == 0
```

```python right
import torch

allowed = torch.tril(torch.ones(3, 3))
scores = torch.randn(3, 3).masked_fill(allowed == 0, float("-inf"))
weights = torch.softmax(scores, dim=-1)
assert weights[0, 1] == 0
```

And what is taken away after the softmax had its share of the weights, so the rest no longer sums up to one:

```python wrong
import torch

allowed = torch.tril(torch.ones(3, 3))
scores = torch.randn(3, 3)
weights = torch.softmax(scores, dim=-1) * allowed
assert torch.allclose(weights.sum(-1), torch.ones(3))
```

```python right
import torch

allowed = torch.tril(torch.ones(3, 3))
scores = torch.randn(3, 3)
weights = torch.softmax(scores.masked_fill(allowed == 0, float("-inf")), dim=-1)
assert torch.allclose(weights.sum(-1), torch.ones(3))
```

``nn.MultiheadAttention`` and the layers around it hide what is true, ``F.scaled_dot_product_attention`` shows it. Only
triangles that are made of ones in plain sight are judged, and only where a whole row is hidden or the zeros go straight
into a softmax.
"""

import ast
from collections.abc import Iterator

from lintml import (
    Change,
    Claim,
    Facts,
    Finding,
    Fix,
    Invocation,
    Layer,
    Page,
    Reason,
    Replace,
    Rule,
    SetArgument,
    Triangle,
    Triangles,
    walk,
)

rule = Rule(code="ATN006", severity="warning")

FILLS = frozenset(("masked_fill", "masked_fill_"))
SOFTMAXES = ("torch.softmax", "torch.nn.functional.softmax")
INFINITIES = ("torch.inf", "math.inf", "numpy.inf")
# By layer of torch, the keywords of masks between positions of one sequence.
HIDING = {
    "torch.nn.MultiheadAttention": ("attn_mask",),
    "torch.nn.TransformerEncoderLayer": ("src_mask",),
    "torch.nn.TransformerEncoder": ("mask",),
    "torch.nn.TransformerDecoderLayer": ("tgt_mask",),
    "torch.nn.TransformerDecoder": ("tgt_mask",),
    "torch.nn.Transformer": ("src_mask", "tgt_mask"),
}
SHOWING = "torch.nn.functional.scaled_dot_product_attention"
CARING = frozenset(("nan_to_num", "nan_to_num_", "isnan", "isfinite", "isinf"))


@rule.check
def filled(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    """Scores that are filled before a softmax."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in FILLS or len(call.args) != 2 or call.keywords:
        return
    mask, value = call.args
    if _is_minus_infinity(value, facts):
        hidden = _triangles(facts).of(mask)
        if hidden is not None and hidden.has_full_row and _goes_into_softmax(call, facts) and not _cares(facts):
            yield Finding(mask, _message(hidden), because=_made(hidden), fix=_turned(mask, hidden, call, facts))
    elif isinstance(value, ast.Constant) and _is_no_less(value.value):
        hidden = _triangles(facts).of(mask)
        if hidden is not None and not hidden.has_full_row and _goes_into_softmax(call, facts):
            text = 'float("-inf")'
            yield Finding(
                value,
                f"a score of {facts.source(value)} is not hidden from the softmax; fill with `{text}`",
                because=_made(hidden),
                fix=_fix(f"Fill with `{text}`", (Replace(value, text),), call, facts),
            )


@rule.check
def handed_over(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    """Masks of booleans that attention of torch is given."""
    given = {each.arg: each.value for each in call.keywords if each.arg is not None and each.arg.endswith("mask")}
    if not given:
        return
    shows = facts.path(call.func) == SHOWING
    if shows and len(given) == 1:
        names: tuple[str, ...] = ("attn_mask",)
    else:
        reached = facts.program.reached.get(call)
        names = HIDING.get(reached.path.removesuffix(".forward"), ()) if reached is not None else ()
    for name in names:
        mask = given.get(name)
        triangle = _triangles(facts).of(mask) if mask is not None and _triangles(facts).is_boolean(mask) else None
        hidden = triangle.rest if triangle is not None and shows else triangle
        if mask is not None and hidden is not None and hidden.has_full_row and not _cares(facts):
            yield Finding(mask, _message(hidden), because=_made(hidden), fix=_turned(mask, hidden, call, facts))


@rule.check
def too_late(page: Page, facts: Facts) -> Iterator[Finding]:
    """Weights that are multiplied by zeros and ones behind the softmax, and not divided by what is left."""
    named = {node.attr for node in facts.each(ast.Attribute)}
    if named.isdisjoint(("tril", "triu")):
        return
    layers = _softmax_layers(facts)
    products = [node for node in facts.each(ast.BinOp) if isinstance(node.op, ast.Mult)]
    weights = {name for node in facts.nodes for name in _weights(node, layers, facts)}
    for product in products:
        for side, mask in ((product.left, product.right), (product.right, product.left)):
            if isinstance(side, ast.Name) and side.id not in weights:
                continue
            softmax = _softmax(side, layers, facts)
            shown = _triangles(facts).of(mask) if softmax is not None else None
            if softmax is None or shown is None or shown.rest.has_full_row or _is_shared_out(product, facts):
                continue
            yield Finding(
                product,
                "what is masked after the softmax keeps its share of the weights; mask the scores",
                because=_made(shown),
                fix=_before(product, softmax, mask, facts) if softmax is side else None,
            )


def _weights(node: ast.AST, layers: set[ast.AST], facts: Facts) -> Iterator[str]:
    """The name that a softmax is given."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as value) if _softmax(value, layers, facts):
            yield name


def _softmax(weights: ast.expr, layers: set[ast.AST], facts: Facts) -> ast.Call | None:
    """The softmax that weights are, by themselves or by a name that stands for nothing else."""
    if isinstance(weights, ast.Name):
        held = _triangles(facts).held(weights)
        return _softmax(held, layers, facts) if isinstance(held, ast.Call) else None
    if not isinstance(weights, ast.Call):
        return None
    func, given = weights.func, weights.args[:1]
    method = isinstance(func, ast.Attribute) and _is_softmax_of(func, func.value, layers, facts)
    return weights if method or any(_is_softmax_of(weights, each, layers, facts) for each in given) else None


def _is_shared_out(product: ast.BinOp, facts: Facts) -> bool:
    """Whether something around is normalised, or divided by a sum."""
    around = next(each for each in facts.parents(product) if isinstance(each, (ast.FunctionDef, ast.Module)))
    for node in walk(around):
        match node:
            case ast.BinOp(op=ast.Div(), right=right) | ast.AugAssign(op=ast.Div(), value=right):
                if any(isinstance(each, (ast.Attribute, ast.Name)) for each in walk(right)):
                    return True
            case ast.Attribute(attr="normalize" | "div" | "div_" | "true_divide"):
                return True
    return False


def _before(product: ast.BinOp, softmax: ast.Call, mask: ast.expr, facts: Facts) -> Fix | None:
    """The scores masked in place of the weights, where both have a name."""
    if not softmax.args or not isinstance(softmax.args[0], ast.Name) or not isinstance(mask, (ast.Name, ast.Attribute)):
        return None
    scores = softmax.args[0]
    masked = f'{scores.id}.masked_fill({facts.source(mask)} == 0, float("-inf"))'
    rest = [facts.source(each) for each in (*softmax.args[1:], *softmax.keywords)]
    text = f"{facts.source(softmax.func)}({', '.join((masked, *rest))})"
    return _fix("Mask the scores", (Replace(product, text),), product, facts)


def _is_no_less(value: object) -> bool:
    """Whether a number is one that scores are near: 0, or 1e-9 for want of a sign."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1


def _triangles(facts: Facts) -> Triangles:
    return Triangles(facts.nodes, facts.parents, facts.path)


def _message(hidden: Triangle) -> str:
    row = "last" if hidden.lower else "first"
    return f"this mask hides every position from the {row} one, whose weights are no numbers then"


def _made(hidden: Triangle) -> tuple[Reason, ...]:
    return (Reason(hidden.made, "the triangle is made here"),)


def _turned(mask: ast.expr, hidden: Triangle, call: ast.Call, facts: Facts) -> Fix | None:
    """The mask turned round where the future is shown in place of the past, or without the diagonal."""
    match mask:
        case _ if not hidden.lower and not hidden.edge and facts.source(hidden.made.func).endswith("triu"):
            change: Change = SetArgument(hidden.made, "1", keyword="diagonal", position=_position(hidden.made, facts))
            return _fix("Leave out the diagonal", (change,), call, facts)
        case ast.Compare(comparators=[ast.Constant(value=0 | 1 as said) as right]) if hidden.lower and not hidden.edge:
            text = str(not said) if isinstance(said, bool) else str(1 - said)
            return _fix("Turn the mask round", (Replace(right, text),), call, facts)
        case ast.Name() | ast.Attribute() if hidden.lower and not hidden.edge and _triangles(facts).is_boolean(mask):
            return _fix("Turn the mask round", (Replace(mask, f"~{facts.source(mask)}"),), call, facts)
    return None


def _fix(title: str, changes: tuple[Change, ...], near: ast.AST, facts: Facts) -> Fix:
    return Fix(title, changes, Claim.CHANGES, "unsafe", subject=facts.subject(near))


def _position(made: ast.Call, facts: Facts) -> int:
    """Where the diagonal stands in a call of the function, or of the method."""
    return 1 if facts.path(made.func) is not None else 0


def _is_minus_infinity(node: ast.expr, facts: Facts) -> bool:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value="inf")])):
            return True
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return facts.path(operand) in INFINITIES
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value=str() as said)]):
            return said.lower().startswith("-inf")
    return False


def _goes_into_softmax(call: ast.Call, facts: Facts) -> bool:
    """Whether the next thing that is done with the result is a softmax."""
    around, layers = next(facts.parents(call)), _softmax_layers(facts)
    if _is_softmax_of(around, call, layers, facts):
        return True
    block = next(facts.parents(around), None)
    statements = getattr(block, "body", [])
    if not isinstance(around, ast.Assign) or len(around.targets) != 1 or around not in statements:
        return False
    name = around.targets[0]
    if not isinstance(name, ast.Name):
        return False
    for statement in statements[statements.index(around) + 1 :]:
        uses = [each for each in walk(statement) if isinstance(each, ast.Name) and each.id == name.id]
        loads = [each for each in uses if isinstance(each.ctx, ast.Load)]
        if uses:
            return len(loads) == 1 and any(
                _is_softmax_of(each, loads[0], layers, facts) for each in facts.parents(loads[0])
            )
    return False


def _softmax_layers(facts: Facts) -> set[ast.AST]:
    """The calls that run a softmax layer."""
    invocations = (each for each in facts.of(Invocation) if isinstance(each.called, Layer))
    return {each.node for each in invocations if each.called.path == "torch.nn.Softmax"}


def _is_softmax_of(node: ast.AST, inner: ast.expr, layers: set[ast.AST], facts: Facts) -> bool:
    match node:
        case ast.Attribute(value=value, attr="softmax"):
            return value is inner
        case ast.Call(func=func, args=[first, *_]) if first is inner:
            return facts.path(func) in SOFTMAXES or node in layers
    return False


def _cares(facts: Facts) -> bool:
    """Whether the page expects weights that are no numbers, and does something about them."""
    return any(each.attr in CARING for each in facts.each(ast.Attribute))
