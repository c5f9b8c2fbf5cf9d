"""An optimizer whose constructor does not pass on parameters and defaults.

``torch.optim.Optimizer.__init__`` takes the parameters and a dict of default settings, and cannot do without either. A
class that only wraps another optimizer has its parameter groups to pass on; it can as well do without the base class.

```python wrong
import torch


class Plain(torch.optim.Optimizer):
    def __init__(self, parameters, lr=0.1):
        super().__init__()

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.sub_(group["lr"] * p.grad)


weight = torch.ones(2, requires_grad=True)
weight.sum().backward()
Plain([weight]).step()
```

```python right
import torch


class Plain(torch.optim.Optimizer):
    def __init__(self, parameters, lr=0.1):
        super().__init__(parameters, dict(lr=lr))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.sub_(group["lr"] * p.grad)


weight = torch.ones(2, requires_grad=True)
weight.sum().backward()
Plain([weight]).step()
```

The fix decides what the defaults are, so it is unsafe.
"""

import ast
from collections.abc import Iterator

from lintml import Change, Claim, Facts, Finding, Fix, PageClass, Replace, Rule, SetBases, walk

rule = Rule(code="OPT001", severity="error", over=("OPT002", "SNP005"))

BASE = "torch.optim.Optimizer"


@rule.check
def missing_arguments(cls: PageClass, facts: Facts) -> Iterator[Finding]:
    init = cls.methods.get("__init__")
    if cls.kind != "optimizer" or cls.torch_base != BASE or init is None or init.owner is not cls:
        return
    if not isinstance(init.node, ast.FunctionDef) or any(isinstance(base, PageClass) for base in cls.bases):
        return
    call = _super_call(init.node)
    if call is None or call.keywords or any(isinstance(each, ast.Starred) for each in call.args) or len(call.args) >= 2:
        return
    wrapped = _wrapped(cls.node, init.node)
    missing = "params and defaults" if not call.args else "defaults"
    advice = f"; or drop the base class, for it only wraps `{wrapped}`" if wrapped else ""
    yield Finding(
        call,
        f"`{cls.name}` derives from Optimizer, whose __init__ needs {missing}{advice}",
        fix=_pass_on(cls, call, init.node, wrapped, facts),
        covers=tuple(cls.node.bases),
    )


def _super_call(init: ast.FunctionDef) -> ast.Call | None:
    for node in walk(init):
        match node:
            case ast.Call(func=ast.Attribute(attr="__init__", value=ast.Call(func=ast.Name(id="super")))):
                return node
    return None


def _wrapped(cls: ast.ClassDef, init: ast.FunctionDef) -> str:
    """The constructor's parameter that is an optimizer: it is kept, and its parameter groups are used."""
    parameters = {argument.arg for argument in init.args.args[1:]}
    kept = {
        target.attr: node.value.id
        for node in walk(init)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in parameters
        for target in node.targets
        if isinstance(target, ast.Attribute)
    }
    for node in walk(cls):
        match node:
            case ast.Attribute(attr="param_groups", value=ast.Attribute(attr=held)) if held in kept:
                return kept[held]
            case ast.Attribute(attr="param_groups", value=ast.Name(id=name)) if name in parameters:
                return name
    return ""


def _pass_on(cls: PageClass, call: ast.Call, init: ast.FunctionDef, wrapped: str, facts: Facts) -> Fix | None:
    if wrapped:
        arguments = f"{wrapped}.param_groups, {wrapped}.defaults"
    else:
        spec = init.args
        ordinary = spec.args[1:]
        plain = ordinary[: len(ordinary) - len(spec.defaults)]
        if not plain:
            return None
        settings = [argument.arg for argument in (*ordinary[1:], *spec.kwonlyargs)]
        arguments = f"{plain[0].arg}, dict({', '.join(f'{name}={name}' for name in settings)})"
    changes: list[Change] = [Replace(call, f"{facts.source(call.func)}({arguments})")]
    if len(cls.node.bases) == 1 and facts.path(cls.node.bases[0]) is None:
        changes.append(SetBases(cls.node, (facts.spell(BASE, cls.node),)))
    return Fix(f"Pass on `{arguments}`", tuple(changes), Claim.REPAIRS, "unsafe", subject=cls.name)
