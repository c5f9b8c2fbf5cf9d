"""Calls of torch's functions, classes and methods with arguments that these do not take."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lintml.torch_api.names import CALLED, NEWEST, Name, Version, exists, lookup
from lintml.torch_api.parameters import Mismatch, Signature

if TYPE_CHECKING:
    from lintml.analysis.facts import Facts


@dataclass(frozen=True, slots=True, eq=False)
class TorchMisfit:
    """A call of a function, class or method of torch that the page's version of it does not take.

    ``path`` is how the page reaches it, ``known`` what it leads to, ``mismatch`` why it does not fit; ``positional``
    counts the positional arguments after an object that a method was given by hand.
    """

    node: ast.Call
    path: str
    known: Name
    version: Version
    mismatch: Mismatch
    positional: int
    keywords: tuple[str, ...]

    @property
    def name(self) -> str:
        """The callee in short: its own name, behind its class's for a method; a layer that is called is its class."""
        *_, owner, name = self.path.split(".")
        if name == "forward":
            return owner
        return f"{owner}.{name}" if self.known.kind in ("method", "staticmethod", "classmethod") else name

    @property
    def unknown(self) -> tuple[ast.keyword, ...]:
        """The keywords that no overload knows."""
        overloads = self.known.at(self.version)
        if not overloads or any(p.kind == "keywords" for signature in overloads for p in signature.parameters):
            return ()
        return tuple(
            each for each in self.node.keywords if each.arg and not any(s.keyword(each.arg) for s in overloads)
        )

    @property
    def is_native(self) -> bool:
        """Whether C++ reads the arguments."""
        return any(each.native for each in self.known.at(self.version))

    def fits(self, version: Version) -> bool:
        """Whether torch is known to take the call in another version."""
        overloads = self.known.at(version)
        return any(each.accepts(self.positional, self.keywords) is None for each in overloads)


def torch_misfits(facts: "Facts") -> Iterator[TorchMisfit]:
    """Each call of something that torch has in the page's version, no argument spread out, that it does not take."""
    version = facts.page.version or NEWEST
    for node in facts.each(ast.Call):
        static = facts.path(node.func)
        callee = facts.program.reached.get(node)
        path = static or (callee.path if callee is not None else "")
        known = lookup(path) if path.startswith("torch.") else None
        if known is None or known.kind not in CALLED or _is_spread(node):
            continue
        positional = len(node.args) - int(static is not None and known.kind == "method")
        keywords = tuple(each.arg for each in node.keywords if each.arg is not None)
        mismatch = known.mismatch(max(positional, 0), keywords, version)
        if mismatch is None or known.raises_in(version) or not exists(path, version):
            continue
        misfit = TorchMisfit(node, path, known, version, mismatch, max(positional, 0), keywords)
        if not _has_old_form(misfit) and not _is_excused(misfit, facts, by_value=static is None):
            yield misfit


def _is_excused(misfit: TorchMisfit, facts: "Facts", *, by_value: bool) -> bool:
    """Whether something else may be called, or the call is meant to fail."""
    node = misfit.node
    if isinstance(node.func, ast.Name) and node.func.id not in {*facts.names.bound, *facts.names.assumed}:
        # The name itself is the fault.
        return True
    if facts.additions.have(misfit.path, by_value=by_value) or facts.guarded(node):
        return True
    return by_value and facts.guards.narrows(node)


def _has_old_form(misfit: TorchMisfit) -> bool:
    """Whether a method is given a factor first, ``add_(alpha, other)``: only the functions list such forms."""
    namespace, _, name = misfit.known.path.rpartition(".")
    function = lookup(f"torch.{name.rstrip('_')}") if namespace == "torch.Tensor" else None
    forms = function.at(misfit.version) if function is not None else ()
    without = [
        Signature(tuple(p for p in each.parameters if p.name != "self"), each.native)
        for each in forms
        if "self" in each.by_name
    ]
    return any(each.accepts(misfit.positional, misfit.keywords) is None for each in without)


def _is_spread(call: ast.Call) -> bool:
    return any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords)
