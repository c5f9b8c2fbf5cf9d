"""A width that is cut into heads without a word on whether it comes out even.

``width // heads`` drops what is left over. The view that cuts the features into heads then does not fit, or, where one
of its sizes is -1, mixes the features of neighbouring positions. An assertion says so where the mistake is made.

```python wrong
import torch

width, heads = 10, 4
states = torch.randn(2, 5, width)
states.view(2, 5, heads, width // heads)
```

```python right
import torch

width, heads = 12, 4
states = torch.randn(2, 5, width)
states.view(2, 5, heads, width // heads)
```

With numbers that do not divide this is an error. With parameters, a missing assertion is only noted.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Insert, PageClass, Reason, Rule, Split, walk

rule = Rule(code="ATN005", severity="error", over=("SHP015",))


@rule.check
def uneven(split: Split, facts: Facts) -> Iterator[Finding]:
    node, view = split.division or split.application.node, split.application.node
    because = (Reason(view, "features are cut into heads here"),) if view is not node else ()
    if split.left is not None:
        yield Finding(
            node,
            f"{split.whole} features do not come out even in {split.count} parts: {split.left} of them are left over",
            because,
            covers=(view,),
        )
    elif not _is_guarded(split.application.owner) and not _is_configured(split):
        yield Finding(
            node,
            f"{split.whole} features are cut into {split.count} parts; nothing makes sure that they come out even",
            because,
            _assertion(split, facts),
            severity="info",
        )


def _is_configured(split: Split) -> bool:
    """Whether the sizes are those of a configuration object: whoever writes that sees to it."""
    return any("." in str(size) or "[" in str(size) for size in (split.whole, split.count))


def _is_guarded(owner: PageClass | None) -> bool:
    """Whether a class, or one that it derives from, takes the remainder of a division, or compares a product."""
    if owner is None:
        return False
    return any(_asks(node) for node in walk(owner.node)) or any(
        _is_guarded(base) for base in owner.bases if isinstance(base, PageClass)
    )


def _asks(node: ast.AST) -> bool:
    match node:
        case ast.BinOp(op=ast.Mod()):
            return True
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
            return any(isinstance(side, ast.BinOp) and isinstance(side.op, ast.Mult) for side in (left, right))
    return False


def _assertion(split: Split, facts: Facts) -> Fix | None:
    """An assertion in front of the division, where that stands in a constructor."""
    match split.division:
        case ast.BinOp(left=ast.Name() | ast.Attribute() as whole, right=ast.Name() | ast.Attribute() as count):
            function = next((each for each in facts.parents(whole) if isinstance(each, ast.FunctionDef)), None)
            if function is None or function.name != "__init__":
                return None
            text = f"assert {facts.source(whole)} % {facts.source(count)} == 0"
            place = facts.statement(whole)
            return Fix(f"Add `{text}`", (Insert(place, text),), Claim.SAME, "unsafe", subject=facts.subject(place))
    return None
