"""An optimizer that reads a setting of its parameter groups which nothing puts there.

A parameter group holds what the caller gave and what the defaults add. A key that is in neither raises a KeyError at
the first step.

```python wrong
import torch


class Decayed(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, dict(lr=lr))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.sub_(group["lr"] * (p.grad + group["weight_decay"] * p))


weight = torch.ones(2, requires_grad=True)
weight.sum().backward()
Decayed([weight]).step()
```

```python right
import torch


class Decayed(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1, weight_decay=0):
        super().__init__(params, dict(lr=lr, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.sub_(group["lr"] * (p.grad + group["weight_decay"] * p))


weight = torch.ones(2, requires_grad=True)
weight.sum().backward()
Decayed([weight]).step()
```

The fix takes the value that leaves the setting without effect, where torch's own optimizers know one.
"""

import ast
from collections.abc import Iterator

from lintml import AddParameter, Change, Claim, Facts, Finding, Fix, PageClass, Reason, Rule, SetArgument, walk

rule = Rule(code="OPT004", severity="error")

# The defaults of torch.optim's own optimizers that switch a setting off, or that all of them share.
NEUTRAL = {
    "weight_decay": "0",
    "dampening": "0",
    "momentum": "0",
    "nesterov": "False",
    "maximize": "False",
    "amsgrad": "False",
    "eps": "1e-8",
    "centered": "False",
    "lr_decay": "0",
}


@rule.check
def missing_key(cls: PageClass, facts: Facts) -> Iterator[Finding]:
    init = cls.methods.get("__init__")
    if cls.kind != "optimizer" or init is None or init.owner is not cls or not isinstance(init.node, ast.FunctionDef):
        return
    defaults = _defaults(init.node)
    if defaults is None:
        return
    known = _keys(defaults)
    if known is None or _filled_elsewhere(init.node, defaults):
        return
    written, read = _uses(cls.node)
    for key, node in read.items():
        if key not in known and key not in written and key != "params":
            yield Finding(
                node,
                f"`{facts.source(node)}` is read, but {key!r} is not among the defaults",
                because=(Reason(defaults, "the defaults"),),
                fix=_add_default(cls, init.node, defaults, key),
            )


def _defaults(init: ast.FunctionDef) -> ast.Call | ast.Dict | None:
    """The dict that is passed on as defaults, written out in the constructor."""
    for node in walk(init):
        match node:
            case ast.Call(func=ast.Attribute(attr="__init__", value=ast.Call(func=ast.Name(id="super")))):
                given = node.args[1] if len(node.args) > 1 else None
                given = next((keyword.value for keyword in node.keywords if keyword.arg == "defaults"), given)
                return _dict(given, init)
    return None


def _dict(given: ast.expr | None, init: ast.FunctionDef) -> ast.Call | ast.Dict | None:
    match given:
        case ast.Call(func=ast.Name(id="dict"), args=[]) | ast.Dict():
            return given
        case ast.Name(id=name):
            values = [
                node.value
                for node in walk(init)
                if isinstance(node, ast.Assign)
                and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
            ]
            if len(values) == 1 and not isinstance(values[0], ast.Name):
                return _dict(values[0], init)
    return None


def _keys(defaults: ast.Call | ast.Dict) -> set[str] | None:
    if isinstance(defaults, ast.Call):
        names = [keyword.arg for keyword in defaults.keywords]
        return None if None in names else {name for name in names if name is not None}
    keys = [key.value if isinstance(key, ast.Constant) else None for key in defaults.keys]
    return None if None in keys else {str(key) for key in keys}


def _filled_elsewhere(init: ast.FunctionDef, defaults: ast.AST) -> bool:
    """Whether the dict, once it has a name, is changed before it is passed on."""
    named = {
        target.id
        for node in walk(init)
        if isinstance(node, ast.Assign) and node.value is defaults
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in walk(init):
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()) if name in named:
                return True
            case ast.Attribute(value=ast.Name(id=name)) if name in named:
                return True
    return False


def _uses(cls: ast.ClassDef) -> tuple[set[str], dict[str, ast.Subscript]]:
    """The keys of parameter groups that the class writes or asks after, and those that it reads."""
    groups = _group_names(cls)
    written: set[str] = set()
    read: dict[str, ast.Subscript] = {}
    for node in walk(cls):
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))) if name in groups:
                if isinstance(node.ctx, ast.Load):
                    read.setdefault(key, node)
                else:
                    written.add(key)
            case ast.Compare(left=ast.Constant(value=str()), comparators=[ast.Name(id=name)]) if name in groups:
                # Groups with keys that not all of them have: these come from the caller.
                return set(read), read
            case ast.Compare(left=ast.Constant(value=str(key)), ops=[ast.In() | ast.NotIn()]):
                written.add(key)
            case ast.Call(
                func=ast.Attribute(attr="setdefault" | "get" | "update"), args=[ast.Constant(value=str(key)), *_]
            ):
                written.add(key)
            case ast.Call(func=ast.Attribute(attr="update", value=ast.Name(id=name))) if name in groups:
                return set(read), read
    return written, read


def _group_names(cls: ast.ClassDef) -> set[str]:
    """The variables that run over, or pick from, ``self.param_groups``."""
    found: set[str] = set()
    for node in walk(cls):
        match node:
            case (
                ast.For(target=ast.Name(id=name), iter=source)
                | ast.comprehension(target=ast.Name(id=name), iter=source)
            ):
                if _is_groups(source):
                    found.add(name)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Subscript(value=source)) if _is_groups(source):
                found.add(name)
    return found


def _is_groups(node: ast.expr) -> bool:
    match node:
        case ast.Attribute(attr="param_groups", value=ast.Name()):
            return True
    return False


def _add_default(cls: PageClass, init: ast.FunctionDef, defaults: ast.Call | ast.Dict, key: str) -> Fix | None:
    value = NEUTRAL.get(key)
    if value is None or not isinstance(defaults, ast.Call):
        return None
    arguments = [*init.args.args, *init.args.kwonlyargs]
    changes: list[Change] = [SetArgument(defaults, key, keyword=key)]
    if key not in {argument.arg for argument in arguments}:
        changes.append(AddParameter(init, f"{key}={value}"))
    return Fix(
        f"Give it a default: `{key}={value}`",
        tuple(changes),
        Claim.REPAIRS,
        subject=cls.name,
        reference="",
    )
