"""A tensor reached through ``.data``, past autograd.

``.data`` shares a tensor's memory and hides every change from autograd: a value that a backward pass still needs can be
overwritten without an error, and the gradients are wrong. ``torch.no_grad()`` and ``.detach()`` do what is meant and
keep that watch.

```python wrong
import torch


class Descent(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, dict(lr=lr))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.data.add_(p.grad.data, alpha=-group["lr"])


weight = torch.ones(2, requires_grad=True)
weight.sum().backward()
Descent([weight]).step()
```

```python right
import torch


class Descent(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, dict(lr=lr))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.add_(p.grad, alpha=-group["lr"])


weight = torch.ones(2, requires_grad=True)
weight.sum().backward()
Descent([weight]).step()
```

Only an in-place change of a parameter where autograd does not record anyway is more than a note. A result that is
taken out of the graph is noted and gets ``.detach()``. Weights set through ``.data`` are left alone, and so is whatever
is not seen to be a tensor: a data set may well have a ``data`` of its own.
"""

import ast
from collections.abc import Iterator

from lintml import Application, Claim, Facts, Finding, Fix, PastAutograd, Replace, Rule

rule = Rule(code="GRD003", severity="info")


@rule.check
def where_nothing_is_recorded(past: PastAutograd, facts: Facts) -> Iterator[Finding]:
    if past.recording == "off":
        changed = _is_changed(past.node, facts)
        yield Finding(
            past.node,
            f"`{facts.source(past.node)}` needs no `.data`: autograd does not record here",
            fix=Fix(
                "Drop `.data`",
                (Replace(past.node, facts.source(past.node.value)),),
                Claim.SAME,
                subject=past.cls.name,
            ),
            severity="warning" if changed else "info",
        )


@rule.check
def taken_out_of_the_graph(application: Application, facts: Facts) -> Iterator[Finding]:
    node, given = application.node, application.inputs[0] if application.inputs else None
    if application.path != "torch.Tensor.data" or not isinstance(node, ast.Attribute) or given is None:
        return
    in_optimizer = application.owner is not None and application.owner.kind == "optimizer"
    if in_optimizer or not _is_computed(given.source) or _is_changed(node, facts):
        return
    plain = facts.source(node.value)
    yield Finding(
        node,
        f"`{facts.source(node)}` takes a result out of the graph and past autograd's watch; use `.detach()`",
        fix=Fix(
            "Use `.detach()`",
            (Replace(node, f"{plain}.detach()"),),
            Claim.SAME,
            "unsafe",
            subject=facts.subject(node),
        ),
    )


def _is_computed(source: Application | None) -> bool:
    """Whether a tensor was worked out from others, rather than made or given."""
    return source is not None and (source.layer is not None or any(given is not None for given in source.inputs))


def _is_changed(node: ast.Attribute, facts: Facts) -> bool:
    """Whether what is reached is written: by a method that ends in an underscore, an assignment, or an index of it.

    What becomes the ``.data`` of a parameter is part of one such write.
    """
    around = facts.parents(node)
    parent = next(around)
    while isinstance(parent, ast.Subscript) and parent.value is node:
        node, parent = parent, next(around)  # type: ignore[assignment]
    match parent:
        case ast.Assign(targets=[ast.Attribute(attr="data")]):
            return True
        case ast.Attribute(attr=name):
            return name.endswith("_") and isinstance(next(around), ast.Call)
        case ast.AugAssign(target=target):
            return target is node
    return isinstance(node.ctx, ast.Store)
