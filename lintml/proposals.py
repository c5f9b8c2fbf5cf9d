"""What several rules propose or weigh alike."""

import ast
from collections.abc import Iterable
from typing import Final

from lintml.analysis.absences import Absent
from lintml.analysis.facts import Facts
from lintml.analysis.invocations import Invocation
from lintml.analysis.trace import Clash
from lintml.analysis.values import Application, Value
from lintml.model import Change, Claim, Fix, RemoveArgument, Rename, Replace, SetArgument, Severity
from lintml.shapes.dim import Dim, symbols
from lintml.torch_api import operators
from lintml.torch_api.names import lookup

# Stacks of layers, which take a layer that is made; documents like to give them its sizes instead.
_STACKS: Final = {
    "torch.nn.TransformerEncoder": "torch.nn.TransformerEncoderLayer",
    "torch.nn.TransformerDecoder": "torch.nn.TransformerDecoderLayer",
}
# What the parameters of such a layer and such a stack are called elsewhere.
_KEYWORDS: Final = {
    "num_heads": "nhead", "n_heads": "nhead", "n_head": "nhead", "heads": "nhead", "dim": "d_model",
    "embed_dim": "d_model", "hidden_size": "d_model", "d_ff": "dim_feedforward", "dim_ff": "dim_feedforward",
    "ff_dim": "dim_feedforward", "n_layers": "num_layers", "layers": "num_layers", "depth": "num_layers",
    "dropout_rate": "dropout", "p": "dropout",
}  # fmt: skip


def take_what_is_given(clash: Clash, facts: Facts) -> Fix | None:
    """The layer's setting changed to the size that it is fed; None where that size has no name where it is made.

    Safe where the sizes are parameters, for the code then keeps every call that worked; between two numbers the one
    that is meant is not known.
    """
    if clash.layer is None:
        return None
    signature = operators.layer(clash.operator)
    size = facts.spell_size(clash.got, clash.layer)
    made = clash.application.layer
    if made is not None and facts.blamed(clash) is not clash.layer:
        return _pass_what_is_given(clash, facts)
    if made is not None and made.makers and clash.got is not None and symbols(clash.got):
        return None  # the names are those of the caller's parameters
    if signature is None or size is None or clash.axis not in signature.parameters:
        return None
    return Fix(
        f"Let the layer take what it is given: `{clash.axis}={size}`",
        (SetArgument(clash.layer, size, keyword=clash.axis, position=list(signature.parameters).index(clash.axis)),),
        Claim.REPAIRS,
        "safe" if clash.condition is not None else "unsafe",
        subject=clash.owner.name if clash.owner else facts.subject(clash.layer),
    )


def _pass_what_is_given(clash: Clash, facts: Facts) -> Fix | None:
    """Another size passed to the class or function of the page that makes the layer with it.

    Where that size is passed already, in another place, the two have changed places.
    """
    call, layer = facts.blamed(clash), clash.application.layer
    signature = operators.layer(clash.operator)
    if call is None or layer is None or clash.layer is None or signature is None or layer.makers[-1] is not call:
        return None
    setting = _given(clash.layer, clash.axis, signature.parameters)
    around = next((each for each in facts.parents(clash.layer) if isinstance(each, ast.FunctionDef)), None)
    if not isinstance(setting, ast.Name) or around is None or any(isinstance(each, ast.Starred) for each in call.args):
        return None
    names = [argument.arg for argument in (*around.args.posonlyargs, *around.args.args)][around.name == "__init__" :]
    position = names.index(setting.id) if setting.id in names else None
    if position is None or position >= len(call.args):
        return None
    size, held = facts.spell_size(clash.got, call), facts.source(call.args[position])
    if size is None:
        return None
    changes = [SetArgument(call, size, position=position)]
    elsewhere = [at for at, each in enumerate(call.args) if facts.source(each) == size]
    if len(elsewhere) == 1:
        changes.append(SetArgument(call, held, position=elsewhere[0]))
    made = facts.source(call.func)
    return Fix(
        f"Pass `{made}` the sizes in the other order" if elsewhere else f"Pass `{made}` what it is fed: `{size}`",
        tuple(changes),
        Claim.REPAIRS,
        "safe" if clash.condition is not None else "unsafe",
        subject=facts.subject(call),
    )


def _given(call: ast.Call, name: str, parameters: Iterable[str]) -> ast.expr | None:
    """The expression that a call gives a parameter."""
    named = next((each.value for each in call.keywords if each.arg == name), None)
    order = list(parameters)
    position = order.index(name) if name in order else len(call.args)
    return named if named is not None or position >= len(call.args) else call.args[position]


def is_number(value: Value, facts: Facts) -> bool:
    """Whether a value is a number of Python's: given as one, the size of an axis, or what a layer is made with."""
    if isinstance(value, (int, float)):
        return not isinstance(value, bool)
    if not isinstance(value, Dim):
        return False
    widths = {
        found
        for use in facts.of(Application)
        if use.layer is not None
        for setting in use.layer.settings.values()
        if isinstance(setting, Dim)
        for found in symbols(setting)
    }
    return all(found.free or found.default is not None or found in widths for found in symbols(value))


def gravity(clash: Clash) -> Severity | None:
    """The rule's own severity for a clash that is certain; a warning where it depends on the constructor's parameters.

    Where it depends on the values of one configuration object, whoever writes that object sees to it: only a note,
    unless the object's own defaults do not agree.
    """
    if clash.condition is None:
        return None
    names = {found for side in (clash.condition.left, clash.condition.right) for found in symbols(side)}
    if all(found.default is not None for found in names):
        return None
    return "info" if any("." in found.name or "[" in found.name for found in names) else "warning"


def leave_out(use: Application, facts: Facts) -> Change | None:
    """One tensor's operator taken out: its call, or its place in an ``nn.Sequential``; None if neither is seen."""
    call = use.node
    if not isinstance(call, ast.Call):
        return None
    if use.layer is None or any(each.node is call and each.called is use.layer for each in facts.of(Invocation)):
        given = operand(use)
        return Replace(call, facts.source(given)) if given is not None else None
    around = next(facts.parents(use.layer.node), None)
    if not isinstance(around, ast.Call) or facts.path(around.func) != "torch.nn.Sequential":
        return None
    position = next((at for at, given in enumerate(around.args) if given is use.layer.node), None)
    return RemoveArgument(around, position=position) if position is not None else None


def operand(use: Application) -> ast.expr | None:
    """The expression that an operator of one tensor is called on."""
    call = use.node
    if not isinstance(call, ast.Call):
        return None
    if use.path.startswith("torch.Tensor.") and isinstance(call.func, ast.Attribute):
        return call.func.value
    named = next((each.value for each in call.keywords if each.arg == "input"), None)
    first = call.args[0] if call.args else named
    return None if isinstance(first, ast.Starred) else first


def imported(absent: Absent, path: str, facts: Facts) -> tuple[Change, ...]:
    """The import of a name that is not there, and its uses, written for ``path``; nothing where that is not certain."""
    alias, statement = absent.node, facts.statement(absent.node)
    if not isinstance(alias, ast.alias) or not isinstance(statement, ast.ImportFrom):
        return ()
    bound = alias.asname or alias.name
    module, _, name = path.rpartition(".")
    called = alias.asname or name
    taken = called != bound and called in facts.names.bound
    if absent.path != f"{statement.module}.{alias.name}" or taken or {bound, "__all__"} & facts.names.rebound:
        return ()
    lines: dict[str, list[str]] = {}
    for each in statement.names:
        home, given = (module, name) if each is alias else (statement.module or "", each.name)
        lines.setdefault(home, []).append(f"{given} as {each.asname}" if each.asname else given)
    text = "\n".join(f"from {home} import {', '.join(listed)}" for home, listed in lines.items())
    return Replace(statement, text), *(Rename(use, called) for use in uses_of(absent, facts) if called != bound)


def uses_of(absent: Absent, facts: Facts) -> list[ast.Name]:
    """The names that an import of what is not there brings to the page."""
    bound = getattr(absent.node, "asname", None) or absent.name
    paths = facts.names.paths.items()
    return [node for node, path in paths if isinstance(node, ast.Name) and node.id == bound and path == absent.path]


def to_int64(maker: Application, facts: Facts) -> Fix | None:
    """The fix of a factory or a cast that makes no integers; None where only the author knows the numbers."""
    change = _integers(maker, facts)
    if change is None:
        return None
    return Fix("Make them int64", (change,), Claim.REPAIRS, "unsafe", subject=facts.subject(maker.node))


def _integers(maker: Application, facts: Facts) -> Change | None:
    call, name = maker.node, maker.path.rpartition(".")[2]
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    if maker.path.startswith("torch.Tensor."):
        return Rename(call.func, "long")
    if name.endswith("Tensor"):
        return Rename(call.func, "LongTensor")
    if name in ("rand", "randn"):
        return None
    return SetArgument(call, facts.spell("torch.int64", call), keyword="dtype")


def stack_of_layers(call: ast.AST | None, path: str, facts: Facts) -> Replace | None:
    """The call of a stack with the layer made of what it is given, and stacked as often as said, or once."""
    layer = _STACKS.get(path)
    known = lookup(layer) if layer is not None else None
    if not isinstance(call, ast.Call) or known is None or len(call.args) > 2 or not (call.args or call.keywords):
        return None
    if any(isinstance(each, ast.Starred) for each in call.args) or any(k.arg is None for k in call.keywords):
        return None
    given = {_KEYWORDS.get(k.arg, k.arg): facts.source(k.value) for k in call.keywords if k.arg is not None}
    count = given.pop("num_layers", "1")
    if known.mismatch(len(call.args), list(given)) is not None:
        return None
    words = [facts.source(each) for each in call.args] + [f"{name}={value}" for name, value in given.items()]
    made = f"{facts.spell(layer or '', call)}({', '.join(words)})"
    return Replace(call, f"{facts.spell(path, call)}({made}, num_layers={count})")
