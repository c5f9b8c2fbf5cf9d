"""A module that is given layers before ``nn.Module`` is set up, or that never sets it up.

``nn.Module.__init__`` makes the places where layers, parameters and hooks are kept. A layer that is assigned before
raises an AttributeError, and so does a call of a module that has none of these places.

```python wrong
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, width):
        self.fc = nn.Linear(width, 2)

    def forward(self, x):
        return self.fc(x)


Net(4)(torch.ones(3, 4))
```

```python right
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, 2)

    def forward(self, x):
        return self.fc(x)


Net(4)(torch.ones(3, 4))
```

```python wrong
import torch
import torch.nn as nn


class Late(nn.Module):
    def __init__(self, width):
        self.fc = nn.Linear(width, 2)
        super().__init__()

    def forward(self, x):
        return self.fc(x)


Late(4)(torch.ones(3, 4))
```

```python right
import torch
import torch.nn as nn


class Late(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, 2)

    def forward(self, x):
        return self.fc(x)


Late(4)(torch.ones(3, 4))
```

Numbers and strings may be kept before the call. Any way of reaching a base class's ``__init__`` counts. A class that
has no ``forward`` and holds nothing that needs a place is left alone.
"""

import ast
from collections.abc import Iterator

from lintml import (
    Built,
    Change,
    Claim,
    Facts,
    Finding,
    Fix,
    Function,
    Insert,
    PageClass,
    Remove,
    Replace,
    Rule,
    Store,
    has_unknown_base,
    is_module,
    is_plain,
    library_bases,
    receiver,
    walk,
)

rule = Rule(code="MOD001", severity="error")

MODULE = "torch.nn.Module"
PARAMETER = "torch.nn.Parameter"


@rule.check
def set_up_too_late(built: Built, facts: Facts) -> Iterator[Finding]:
    cls, init = built.cls, built.cls.methods.get("__init__")
    if init is None or init.owner is not cls or init.role or not is_plain(cls) or has_unknown_base(cls):
        return
    if not isinstance(init.node, ast.FunctionDef) or _is_stub(init.node):
        return
    uncalled = [node for node in walk(init.node) if _is_uncalled(node, facts)]
    if not _may_reach_base(init, cls, uncalled):
        if uncalled or "forward" in cls.methods or any(_needs_place(store, facts) for store in built.stores):
            yield _missing(cls, init.node, uncalled, facts)
    elif (call := _plain_call(init.node)) is not None:
        yield from _late(built, init.node, call, facts)


def _missing(cls: PageClass, init: ast.FunctionDef, uncalled: list[ast.AST], facts: Facts) -> Finding:
    if uncalled:
        call = f"{facts.source(uncalled[0])}()"
        fix = Fix(f"Call it: `{call}`", (Replace(uncalled[0], call),), Claim.REPAIRS, subject=cls.name)
        return Finding(uncalled[0], f"`{call[:-2]}` is not called: its parentheses are missing", fix=fix)
    simple = set(library_bases(cls)) == {MODULE} and not any(isinstance(base, PageClass) for base in cls.bases)
    text = "super().__init__()"
    return Finding(
        init,
        f"`{cls.name}.__init__` never calls `{text}`, without which it can hold no layers and not be called",
        fix=Fix(f"Call `{text}` first", (Insert(_first(init), text),), Claim.REPAIRS, subject=cls.name)
        if simple
        else None,
    )


def _late(built: Built, init: ast.FunctionDef, call: ast.Expr, facts: Facts) -> Iterator[Finding]:
    before = init.body[: init.body.index(call)]
    for store in built.stores:
        is_before = any(each in before for each in (store.node, *facts.parents(store.node)))
        if is_before and store.owner is built.instance and _needs_place(store, facts):
            yield Finding(
                store.node,
                f"`{facts.source(store.node)}` is assigned before `{facts.source(call)}` has made a place for it",
                fix=_earlier(built.cls, init, call, facts),
            )
            return


def _needs_place(store: Store, facts: Facts) -> bool:
    """Whether only a module that is set up can take a value: a layer, another module, a parameter."""
    match facts.statement(store.node):
        case ast.Assign(value=ast.Call(func=called)) if facts.path(called) == PARAMETER:
            return True
    return is_module(store.value)


def _earlier(cls: PageClass, init: ast.FunctionDef, call: ast.Expr, facts: Facts) -> Fix | None:
    """The call goes first, if it does not depend on what is done before it."""
    if not isinstance(call.value, ast.Call) or call.value.args or call.value.keywords:
        return None
    text = facts.source(call)
    changes: tuple[Change, ...] = (Insert(_first(init), text), Remove(call))
    return Fix(f"Call `{text}` first", changes, Claim.REPAIRS, subject=cls.name)


def _is_stub(init: ast.FunctionDef) -> bool:
    return all(isinstance(each, (ast.Pass, ast.Raise, ast.Expr)) for each in init.body) and not any(
        isinstance(node, ast.Attribute) for node in walk(init)
    )


def _is_uncalled(node: ast.AST, facts: Facts) -> bool:
    """``super().__init__`` as a statement."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "__init__"
        and isinstance(next(facts.parents(node), None), ast.Expr)
    )


def _may_reach_base(function: Function, cls: PageClass, uncalled: list[ast.AST]) -> bool:
    """Whether a method goes to a base class, or hands its object to something that may."""
    name = receiver(function)
    skipped = {inner for node in uncalled for inner in walk(node)}
    for node in walk(function.node):
        match node:
            case ast.Attribute(attr="__init__" | "__dict__" | "__setattr__" | "__setstate__") if node not in skipped:
                return True
            case ast.Name(id="super") if node not in skipped:
                return True
            case ast.Call(args=given, keywords=named):
                values = [*given, *(keyword.value for keyword in named)]
                if any(isinstance(each, ast.Name) and each.id == name for each in values):
                    return True
                if _reaches_through(node.func, name, function, cls):
                    return True
    return False


def _reaches_through(called: ast.expr, name: str, function: Function, cls: PageClass) -> bool:
    match called:
        case ast.Attribute(value=ast.Name(id=held), attr=attribute) if held == name:
            method = cls.methods.get(attribute)
            return method is not None and method.node is not function.node and _may_reach_base(method, cls, [])
    return False


def _plain_call(init: ast.FunctionDef) -> ast.Expr | None:
    """The one statement of a constructor that calls a base class's."""
    calls = [node for node in walk(init) if isinstance(node, ast.Attribute) and node.attr == "__init__"]
    for statement in init.body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="__init__") as called)) if calls == [called]:
                return statement
    return None


def _first(init: ast.FunctionDef) -> ast.stmt:
    """The statement that a call can go before: the docstring stays in front."""
    match init.body:
        case [ast.Expr(value=ast.Constant(value=str())), second, *_]:
            return second
    return init.body[0]
