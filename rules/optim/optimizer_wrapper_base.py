"""A class that derives from Optimizer, never becomes one, and only changes the settings of another optimizer.

What ``torch.optim.Optimizer`` gives to a class (``zero_grad``, ``state_dict``, its ``repr``, the hooks) works on the
parameter groups that its ``__init__`` sets up. A class that turns another optimizer's knobs has no use for any of this,
and without that call everything that it inherits fails.

```python wrong
import torch


class Halving(torch.optim.Optimizer):
    def __init__(self, inner, every=10):
        self.inner = inner
        self.every = every
        self.count = 0

    def step(self):
        self.count += 1
        if self.count % self.every == 0:
            for group in self.inner.param_groups:
                group["lr"] /= 2


schedule = Halving(torch.optim.SGD([torch.ones(2, requires_grad=True)], lr=0.1))
schedule.step()
print(schedule)
```

```python right
import torch


class Halving:
    def __init__(self, inner, every=10):
        self.inner = inner
        self.every = every
        self.count = 0

    def step(self):
        self.count += 1
        if self.count % self.every == 0:
            for group in self.inner.param_groups:
                group["lr"] /= 2


schedule = Halving(torch.optim.SGD([torch.ones(2, requires_grad=True)], lr=0.1))
schedule.step()
print(schedule)
```

A class that passes on parameter groups of its own, in whatever way, is an optimizer, and so is one that touches
parameters. Where ``__init__`` is called but without arguments, OPT001 speaks instead, and names this way out.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, PageClass, Reason, Rule, SetBases, Step, members, walk

rule = Rule(code="OPT002", severity="warning", over=("SNP005",))

BASE = "torch.optim.Optimizer"


@rule.check
def only_a_wrapper(cls: PageClass, facts: Facts) -> Iterator[Finding]:
    init = cls.methods.get("__init__")
    if cls.kind != "optimizer" or init is None or init.owner is not cls or len(cls.node.bases) != 1:
        return
    if cls.torch_base != BASE or any(isinstance(base, PageClass) for base in cls.bases):
        return
    wrapped = _wrapped(cls.node, init.node)
    if wrapped is None or _becomes_one(cls.node) or _touches_parameters(cls, facts):
        return
    inherited = _inherited(cls.node)
    yield Finding(
        cls.node.bases[0],
        f"`{cls.name}` only changes another optimizer's settings, and never calls what makes it an Optimizer itself",
        because=(Reason(wrapped, "the optimizer that it wraps"),),
        fix=None
        if inherited
        else Fix("Drop the base class", (SetBases(cls.node, ()),), Claim.SAME, "unsafe", subject=cls.name),
    )


def _wrapped(cls: ast.ClassDef, init: ast.AST) -> ast.AST | None:
    """The constructor's parameter that is kept, and whose parameter groups are used."""
    assigned = [node for node in walk(init) if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name)]
    given = {node.arg: node for node in walk(init) if isinstance(node, ast.arg)}
    kept = {
        target.attr: given[node.value.id]
        for node in assigned
        if isinstance(node.value, ast.Name) and node.value.id in given
        for target in node.targets
        if isinstance(target, ast.Attribute)
    }
    for node in walk(cls):
        match node:
            case ast.Attribute(attr="param_groups", value=ast.Attribute(attr=held)) if held in kept:
                return kept[held]
    return None


def _becomes_one(cls: ast.ClassDef) -> bool:
    """Whether the class sets up, or forwards, what an optimizer has."""
    for node in walk(cls):
        match node:
            case ast.Attribute(attr="__init__" | "__dict__" | "__setstate__"):
                return True
            case ast.Name(id="setattr" | "super" | "vars"):
                return True
            case ast.FunctionDef(name="param_groups" | "__getattr__" | "__getattribute__"):
                return True
            case ast.Attribute(attr="param_groups", value=ast.Name(), ctx=ast.Store()):
                return True
            case ast.Name(id="param_groups", ctx=ast.Store()):
                return True
    return False


def _touches_parameters(cls: PageClass, facts: Facts) -> bool:
    """Whether a step changes parameters, or the class so much as looks at their gradients."""
    steps = [step for step in facts.of(Step) if step.cls is cls]
    gradients = any(isinstance(node, ast.Attribute) and node.attr == "grad" for node in walk(cls.node))
    return gradients or any(step.writes for step in steps)


def _inherited(cls: ast.ClassDef) -> bool:
    """Whether the class uses anything of its own that only the base class has."""
    own = {node.name for node in cls.body if isinstance(node, ast.FunctionDef)}
    own |= {node.attr for node in walk(cls) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    theirs = set(members(BASE)) - own
    return any(
        isinstance(node, ast.Attribute) and node.attr in theirs and isinstance(node.value, ast.Name)
        for node in walk(cls)
    )
