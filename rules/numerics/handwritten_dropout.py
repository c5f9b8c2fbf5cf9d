"""A dropout written by hand that changes what is to be expected.

Dropout sets values to zero with probability p and divides the others by 1 - p, so that sums come out the same on
average as in evaluation mode, where it does nothing (Srivastava et al. 2014; ``torch.nn.Dropout``). Without the
division, or with a division by something else, the layers behind it see other sizes in training than in use.

```python wrong
import torch
import torch.nn as nn


class Thin(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        assert 0 <= p < 1
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        keep = torch.rand_like(x) < 1 - self.p
        return x * keep


torch.manual_seed(0)
assert abs(Thin()(torch.ones(10000)).mean() - 1) < 0.1
```

```python right
import torch
import torch.nn as nn


class Thin(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        assert 0 <= p < 1
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        keep = torch.rand_like(x) < 1 - self.p
        return x * keep / (1 - self.p)


torch.manual_seed(0)
assert abs(Thin()(torch.ones(10000)).mean() - 1) < 0.1
```

Only a mask of the shape of what it multiplies counts, drawn by comparing uniform numbers with a probability or from
Bernoulli's distribution: masks of whole rows or tokens are another design. That the division fails for p = 1, and that
values are dropped in evaluation mode, too, is only noted.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lintml import Application, Claim, Facts, Finding, Fix, PageClass, Reason, Replace, Rule, Tensor, walk

rule = Rule(code="NUM002", severity="warning")

REFERENCE = "torch.nn.Dropout"
PRODUCTS = ("torch.mul", "torch.Tensor.mul")
QUOTIENTS = ("torch.div", "torch.Tensor.div")
UNIFORM = ("torch.rand", "torch.rand_like")
CASTS = ("torch.Tensor.float", "torch.Tensor.to", "torch.Tensor.type_as", "torch.Tensor.double", "torch.Tensor.int")
BELOW = ("torch.lt", "torch.le", "torch.Tensor.lt", "torch.Tensor.le")
ABOVE = ("torch.gt", "torch.ge", "torch.Tensor.gt", "torch.Tensor.ge")


@dataclass(frozen=True, slots=True)
class Share:
    """A probability: what is written for it, and whether that is taken from one."""

    name: str
    rest: bool

    @property
    def text(self) -> str:
        """The probability as an expression to divide by."""
        return f"(1 - {self.name})" if self.rest else self.name

    @property
    def plain(self) -> str:
        """The same for a message."""
        return f"1 - {self.name}" if self.rest else self.name


@rule.check
def changes_sizes(product: Application, facts: Facts) -> Iterator[Finding]:
    drawn = _drawn(product)
    owner, function = product.owner, product.function
    if drawn is None or not isinstance(function, ast.FunctionDef) or (owner is not None and owner.kind != "module"):
        return
    kept = _kept(drawn, function)
    if kept is None or (owner is None and not _is_told_the_mode(function, kept.name)):
        return
    subject = owner.name if owner is not None else function.name
    because = (Reason(drawn.node, "the mask is drawn here"),)
    quotient = _quotient(product, facts)
    if quotient is None:
        if (
            _is_returned(product.node, function)
            and not _scales(function, product.node)
            and (owner is None or _does_nothing_in_use(function))
        ):
            mended = _fix(product.node, f"{facts.source(product.node)} / {kept.text}", kept, subject)
            yield Finding(
                product.node,
                "values are dropped, and those that are kept are not divided by the probability to be kept",
                because,
                mended,
            )
        return
    node = quotient.node
    by = _share(node.right, function) if isinstance(node, ast.BinOp) and _is_returned(node, function) else None
    if by is None or by.name != kept.name:
        return
    assert isinstance(node, ast.BinOp)
    if by != kept:
        fix = _fix(node.right, kept.text, kept, subject) if kept.rest else None
        yield Finding(node, f"values are kept with probability {kept.plain}, but divided by {by.plain}", because, fix)
    elif owner is None:
        return
    elif not _reads_training(owner):
        yield Finding(node, "values are dropped in evaluation mode, too", because, severity="info")
    elif by.rest and not _is_asked(kept.name, owner):
        yield Finding(node, f"this divides by zero where `{kept.name}` is 1", because, severity="info")


def _drawn(product: Application) -> Application | None:
    """What draws the mask that a tensor of the same shape is multiplied with."""
    if product.path not in PRODUCTS or len(product.inputs) != 2:
        return None
    found = [_mask(tensor) for tensor in product.inputs]
    drawn = next((each for each in found if each is not None), None)
    if drawn is None or found.count(None) != 1:
        return None
    shapes = [product.shape(0), product.shape(1)]
    same = None not in shapes and shapes[0] == shapes[1]
    return drawn if same or _is_drawn_like(drawn, product.inputs[found.index(None)]) else None


def _mask(tensor: Tensor | None) -> Application | None:
    """The comparison or the draw that a tensor of zeros and ones comes from."""
    source = tensor.source if tensor is not None else None
    while source is not None and source.path in CASTS and source.inputs[0] is not None:
        source = source.inputs[0].source
    if source is None:
        return None
    if source.path == "torch.bernoulli":
        return source
    uniform = [each.source for each in source.inputs if each is not None and not each.named]
    if source.path in (*BELOW, *ABOVE) and len(uniform) == 1 and uniform[0] is not None:
        return source if uniform[0].path in UNIFORM else None
    return None


def _is_drawn_like(drawn: Application, tensor: Tensor | None) -> bool:
    """Whether the numbers that a comparison decides by were drawn in the shape of a tensor."""
    drawn_for = (
        each.source.inputs[0] for each in drawn.inputs if each is not None and each.source and each.source.inputs
    )
    return tensor is not None and any(each is tensor for each in drawn_for)


def _kept(drawn: Application, function: ast.FunctionDef) -> Share | None:
    """The probability with which the mask is one."""
    match drawn.node:
        case ast.Compare(left=ast.Call(), comparators=[limit]):
            share = _share(limit, function)
        case ast.Call(args=[ast.Call(args=[_, limit])]) if drawn.path == "torch.bernoulli":
            given = drawn.inputs[0].source if drawn.inputs[0] is not None else None
            return _share(limit, function) if given is not None and given.path == "torch.full_like" else None
        case _:
            return None
    if share is not None and drawn.path in ABOVE:
        return Share(share.name, not share.rest)
    return share


def _share(node: ast.expr, function: ast.FunctionDef) -> Share | None:
    """A probability written as a name or attribute, or as one less it."""
    match node:
        case ast.BinOp(op=ast.Sub(), left=ast.Constant(value=1 | 1.0), right=inner):
            share = _share(inner, function)
            return Share(share.name, not share.rest) if share is not None else None
        case ast.Attribute(value=ast.Name()):
            return Share(ast.unparse(node), False)
        case ast.Name(id=name):
            values = [
                each.value
                for each in walk(function)
                if isinstance(each, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in each.targets)
            ]
            return _share(values[0], function) if len(values) == 1 else None if values else Share(name, False)
    return None


def _quotient(product: Application, facts: Facts) -> Application | None:
    """The division of the product."""
    made = product.outputs[0] if product.outputs else None
    applied: Iterable[Application] = facts.of(Application)
    taken = (each for each in applied if each.path in QUOTIENTS and each.inputs and each.inputs[0] is made)
    return next(taken, None) if made is not None else None


def _is_returned(node: ast.AST, function: ast.FunctionDef) -> bool:
    """Whether a function returns an expression, by itself or under a name that it is given."""
    named = {
        target.id
        for each in walk(function)
        if isinstance(each, ast.Assign) and each.value is node
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    returned = [each.value for each in walk(function) if isinstance(each, ast.Return)]
    return any(value is node or (isinstance(value, ast.Name) and value.id in named) for value in returned)


def _scales(function: ast.FunctionDef, product: ast.AST) -> bool:
    """Whether a function divides anything, or multiplies anything but by the mask."""
    for node in walk(function):
        match node:
            case ast.BinOp(op=ast.Div() | ast.Mult()) if node is not product:
                return True
            case ast.AugAssign(op=ast.Div() | ast.Mult()):
                return True
            case ast.Call(func=ast.Attribute(attr="div" | "div_" | "mul" | "mul_")) if node is not product:
                return True
    return False


def _does_nothing_in_use(function: ast.FunctionDef) -> bool:
    """Whether a function asks for the mode, and returns its input as it came in one of them."""
    parameters = {argument.arg for argument in function.args.args[1:]}
    nodes = list(walk(function))
    returned = any(
        isinstance(n, ast.Return) and isinstance(n.value, ast.Name) and n.value.id in parameters for n in nodes
    )
    return returned and any(isinstance(n, ast.Attribute) and n.attr == "training" for n in nodes)


def _is_told_the_mode(function: ast.FunctionDef, probability: str) -> bool:
    """Whether a parameter that is not the probability decides whether a function gives its input back as it came."""
    parameters = {each.arg for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    for node in function.body:
        match node:
            case ast.If(test=test, body=[ast.Return(value=ast.Name(id=name))]) if name in parameters:
                asked = {each.id for each in walk(test) if isinstance(each, ast.Name)} & parameters
                return bool(asked - {name, probability})
    return False


def _reads_training(owner: PageClass) -> bool:
    """Whether a class asks for the mode, or may do so in a base that is not torch's."""
    if any(isinstance(base, PageClass) for base in owner.bases):
        return True
    return any(isinstance(node, ast.Attribute) and node.attr in ("training", "train") for node in walk(owner.node))


def _is_asked(name: str, owner: PageClass) -> bool:
    """Whether a class compares the probability with anything, so that the odd values are seen to."""
    leaf = name.rpartition(".")[2]
    for node in walk(owner.node):
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        drawn = any(isinstance(side, ast.Call) for side in sides)
        if not drawn and any(getattr(side, "id", getattr(side, "attr", "")) == leaf for side in sides):
            return True
    return False


def _fix(node: ast.AST, text: str, kept: Share, subject: str) -> Fix:
    return Fix(
        f"Divide by `{kept.plain}`",
        (Replace(node, text),),
        Claim.CHANGES,
        "unsafe",
        subject,
        REFERENCE if kept.rest else "",
    )
