"""How a page would write what replaces an outdated name of torch: the calls, the import, the spelling."""

import ast
from collections.abc import Iterator, Sequence
from itertools import groupby

from lintml.analysis.facts import Facts
from lintml.analysis.outdated import Outdated
from lintml.model import AddImport, Change, Claim, Fix, Rename, Replace, SetArgument
from lintml.torch_api import history, names
from lintml.torch_api.history import Replacement
from lintml.torch_api.names import OLDEST, Version

__all__ = ["release", "renewed", "since"]

# What needs brackets where it becomes an operand.
_LOOSE = (ast.IfExp, ast.Lambda, ast.NamedExpr, ast.BoolOp, ast.Compare, ast.Starred, ast.GeneratorExp)
_METHOD = "torch.Tensor."


class _Unsure(Exception):
    """A call that no rewriting takes for certain."""


def since(path: str) -> str:
    """Words for when a name came, empty where every version has it: ``", there since torch 2.3"``."""
    found = names.lookup(path)
    return f", there since torch {release(found.since)}" if found and found.since > OLDEST else ""


def release(version: Version) -> str:
    """A version as people write it."""
    return f"{version[0]}.{version[1]}"


def renewed(outdated: Outdated, facts: Facts) -> Fix | None:
    """The fix that writes the new name for an outdated one; None where there is none, or where a call is not certain.

    A fix of an import rewrites all of its names that have one, and every use of them. It is safe where every call then
    gives what the old one gave.
    """
    try:
        if isinstance(outdated.node, ast.alias):
            changes, exact = _import(outdated, facts)
        else:
            replacement = _replacement(outdated)
            spelt = facts.spell(replacement.new, outdated.node)
            changes, exact = _use(outdated.node, outdated, replacement, spelt, facts)
            changes += _needs(spelt, outdated.node, facts)
    except _Unsure:
        return None
    claim = Claim.REPAIRS if outdated.change.state in ("gone", "raises") else Claim.SAME
    title = f"Use `{_replacement(outdated).new}`"
    return Fix(title, tuple(changes), claim, "safe" if exact else "unsafe", subject=facts.subject(outdated.node))


def _replacement(outdated: Outdated) -> Replacement:
    found = outdated.change.replacement
    if found is None or not found.new or not (found.drop_in or found.rewrites):
        raise _Unsure
    return found


def _import(outdated: Outdated, facts: Facts) -> tuple[list[Change], bool]:
    """The import statement and all uses of what it brings."""
    statement = outdated.statement
    if not isinstance(statement, ast.ImportFrom):
        raise _Unsure
    moved: list[tuple[str, str]] = []
    changes: list[Change] = []
    kept, exact = [], True
    others = {each.node: each for each in facts.outdated if each.statement is statement}
    for alias in statement.names:
        other = others.get(alias)
        try:
            if other is None:
                raise _Unsure
            parts, same = _uses_of(other, alias, facts)
        except _Unsure:
            if other is outdated:
                raise
            kept.append(_written(alias.name, alias.asname))
            continue
        changes += parts
        exact = exact and same
        module, _, name = _replacement(other).new.rpartition(".")
        moved.append((module, _written(name, alias.asname)))
    lines = [_from(statement.module or "", kept)] if kept else []
    lines += [_from(module, [name for _, name in group]) for module, group in groupby(moved, key=lambda pair: pair[0])]
    return [Replace(statement, "\n".join(lines)), *changes], exact


def _uses_of(outdated: Outdated, alias: ast.alias, facts: Facts) -> tuple[list[Change], bool]:
    replacement = _replacement(outdated)
    bound = alias.asname or replacement.new.rpartition(".")[2]
    if {bound, alias.asname or alias.name} & facts.names.rebound:
        raise _Unsure
    if replacement.new.startswith(_METHOD):
        raise _Unsure
    taken = bound in facts.names.bound and facts.names.imports.get(bound) != replacement.new
    if taken and bound not in (alias.name, alias.asname):
        raise _Unsure
    changes: list[Change] = []
    exact = True
    for use in outdated.uses:
        parts, same = _use(use, outdated, replacement, bound, facts)
        changes += parts
        exact = exact and same
    return changes, exact


def _use(
    node: ast.expr, outdated: Outdated, replacement: Replacement, spelt: str, facts: Facts
) -> tuple[list[Change], bool]:
    """One use of the old name as it must be with the new one, and whether it then gives the same."""
    parent = next(facts.parents(node), None)
    call = parent if isinstance(parent, ast.Call) and parent.func is node else None
    if replacement.drop_in:
        # What a reader must know of a replacement may be more than a call shows.
        return _dropped_in(node, call, replacement, spelt, facts), not replacement.note
    if call is None:
        raise _Unsure
    rewrite = history.rewritten(replacement, _given(call, outdated, facts))
    if rewrite is None or not rewrite.text.startswith(f"{replacement.new}("):
        raise _Unsure
    rest = rewrite.text.removeprefix(replacement.new)
    changes: list[Change] = [_in_place(call, spelt + rest, replacement, facts)]
    return changes + (_needs("torch", node, facts) if "torch." in rest else []), rewrite.exact


def _in_place(call: ast.Call, text: str, replacement: Replacement, facts: Facts) -> Change:
    """The new call where the old one stands, with what is made of its results."""
    if not replacement.result:
        return Replace(call, text)
    alone = replacement.result == "alone"
    parent = next(facts.parents(call), None)
    match parent:
        case ast.Subscript(slice=ast.Constant(value=0)) | ast.Attribute(attr="solution"):
            return Replace(parent, text) if alone else Replace(call, text)
        case ast.Assign(targets=[ast.Tuple(elts=[first, ast.Name(id=second)])]) if not _is_read(second, facts):
            return Replace(parent, f"{facts.source(first)} = {text}{'' if alone else '.solution'}")
    raise _Unsure


def _is_read(name: str, facts: Facts) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) for node in facts.nodes
    )


def _dropped_in(
    node: ast.expr, call: ast.Call | None, replacement: Replacement, spelt: str, facts: Facts
) -> list[Change]:
    named = _renamed(node, replacement, spelt)
    extras = ", ".join(filter(None, (replacement.first, replacement.last)))
    if not extras:
        return [named] if named is not None else []
    if call is None:
        if not _decorates(node, facts):
            raise _Unsure
        return [Replace(node, f"{spelt}({extras})")]
    if any(isinstance(each, ast.Starred) for each in call.args):
        raise _Unsure
    if replacement.first and call.args:
        return [Replace(call, f"{spelt}({', '.join([replacement.first, *_own(call, replacement, facts)])})")]
    changes: list[Change] = [named] if named is not None else []
    if replacement.first:
        changes.append(SetArgument(call, replacement.first, position=0))
    for part in filter(None, replacement.last.split(", ")):
        keyword, _, value = part.partition("=")
        if any(each.arg == keyword for each in call.keywords):
            raise _Unsure
        changes.append(SetArgument(call, value, keyword=keyword))
    return changes


def _renamed(node: ast.expr, replacement: Replacement, spelt: str) -> Change | None:
    if replacement.new.startswith(_METHOD):
        return Rename(node, replacement.new.removeprefix(_METHOD))
    if isinstance(node, ast.Name):
        return None if node.id == spelt else Replace(node, spelt)
    return Replace(node, spelt)


def _own(call: ast.Call, replacement: Replacement, facts: Facts) -> Iterator[str]:
    """The call's own arguments behind a new first one; by name where that shifts them to other parameters."""
    path = facts.path(call.func)
    found = names.lookup(path) if path else None
    slots = found.signatures[0].slots if found and found.signatures else ()
    for position, each in enumerate(call.args):
        if not replacement.by_name:
            yield facts.source(each)
        elif position < len(slots):
            yield f"{slots[position].name}={facts.source(each)}"
        else:
            raise _Unsure
    for keyword in call.keywords:
        yield facts.source(keyword)


def _decorates(node: ast.expr, facts: Facts) -> bool:
    parent = next(facts.parents(node), None)
    return isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and node in parent.decorator_list


def _given(call: ast.Call, outdated: Outdated, facts: Facts) -> dict[str, str]:
    """The source of each argument by the old function's parameter."""
    found = names.lookup(outdated.change.path)
    if found is None or not found.history or any(isinstance(each, ast.Starred) for each in call.args):
        raise _Unsure
    keywords = {each.arg: _operand(each.value, facts) for each in call.keywords if each.arg is not None}
    if len(keywords) < len(call.keywords):
        raise _Unsure
    positional = [_operand(each, facts) for each in call.args]
    receiver = {}
    if outdated.method and isinstance(call.func, ast.Attribute):
        receiver = {"self": facts.source(call.func.value)}
    for signature in found.signatures:
        bound = signature.bind(positional, keywords)
        if bound is not None:
            return receiver | bound
    raise _Unsure


def _operand(node: ast.expr, facts: Facts) -> str:
    text = facts.source(node)
    return f"({text})" if isinstance(node, _LOOSE) else text


def _needs(spelt: str, near: ast.AST, facts: Facts) -> list[Change]:
    """The import that a spelling rests on, where the page has none."""
    root = spelt.partition(".")[0]
    there = root in facts.names.bound or any(each.name == root for each in facts.names.undefined)
    return [] if there else [AddImport(near, f"import {root}")]


def _written(name: str, asname: str | None) -> str:
    return f"{name} as {asname}" if asname and asname != name else name


def _from(module: str, listed: Sequence[str]) -> str:
    return f"from {module} import {', '.join(listed)}"
