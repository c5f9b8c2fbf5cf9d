"""What a page reads or calls of torch: names that torch does not have, and calls that its signatures can judge."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lintml.torch_api.names import CALLED, NEWEST, Name, Version, exists, lookup
from lintml.torch_api.parameters import Mismatch, Signature

if TYPE_CHECKING:
    from lintml.analysis.facts import Facts


@dataclass(frozen=True, slots=True, eq=False)
class Absent:
    """A name that torch does not have in the page's version: read, imported, or a method of a torch object.

    ``path`` is the whole name, ``call`` the call of it if there is one; ``assumed`` says that the page takes the module
    for granted without an import, ``own`` that the object is of a class of the page, ``run`` that Python comes to it,
    which it does not in some annotations.
    """

    node: ast.Attribute | ast.alias
    path: str
    version: Version
    call: ast.Call | None = None
    assumed: bool = False
    own: bool = False
    run: bool = True

    @property
    def namespace(self) -> str:
        return self.path.rpartition(".")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    @property
    def called(self) -> bool:
        """Whether a class or function is meant, as far as can be seen."""
        return self.call is not None or isinstance(self.node, ast.alias)


@dataclass(frozen=True, slots=True, eq=False)
class TorchCall:
    """A call of a function, class or method of torch whose arguments can be counted.

    ``path`` is how the page reaches it, ``known`` what it leads to; ``positional`` counts the positional arguments
    after an object that a method was given by hand.
    """

    node: ast.Call
    path: str
    known: Name
    version: Version
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

    @property
    def mismatch(self) -> Mismatch | None:
        """Why torch does not take the call in the page's version."""
        found = self.known.mismatch(self.positional, self.keywords, self.version)
        return None if found is not None and self._has_old_form() else found

    def _has_old_form(self) -> bool:
        """Whether a method is given a factor first, ``add_(alpha, other)``: only the functions list such forms."""
        namespace, _, name = self.known.path.rpartition(".")
        function = lookup(f"torch.{name.rstrip('_')}") if namespace == "torch.Tensor" else None
        return function is not None and any(
            Signature(tuple(p for p in each.parameters if p.name != "self"), each.native).accepts(
                self.positional, self.keywords
            )
            is None
            for each in function.at(self.version)
            if "self" in each.by_name
        )


def absences(facts: "Facts") -> Iterator[Absent]:
    """Each name of torch that is not there, unless the page itself puts it there or reckons with that."""
    own = _Own(facts)
    for absent in (*_read(facts), *_imported(facts), *_reached(facts)):
        known = own.attributes if absent.node not in facts.names.paths and absent.call is not None else own.paths
        expected = facts.guards.asked_for(absent.name) or facts.guarded(absent.node)
        if not expected and not {absent.name, absent.path} & known:
            yield absent


def torch_calls(facts: "Facts") -> Iterator[TorchCall]:
    """Each call of something of torch that the page's version has, with no argument spread out."""
    version = facts.page.version or NEWEST
    own = _Own(facts)
    undefined = {each.name for each in facts.names.undefined if each.name not in facts.names.assumed}
    for node in facts.nodes:
        if not isinstance(node, ast.Call) or _is_spread(node):
            continue
        static = facts.path(node.func)
        callee = facts.program.reached.get(node)
        path = static or (callee.path if callee is not None else "")
        known = lookup(path) if path.startswith("torch.") else None
        if known is None or known.kind not in CALLED or not exists(path, version) or known.raises_in(version):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in undefined:
            continue
        if path in own.paths or (static is None and path.rpartition(".")[2] in own.attributes):
            continue
        if static is None and facts.guards.narrows(node):
            continue
        if facts.guarded(node):
            continue
        by_hand = int(static is not None and known.kind == "method")
        keywords = tuple(each.arg for each in node.keywords if each.arg is not None)
        yield TorchCall(node, path, known, version, max(len(node.args) - by_hand, 0), keywords)


class _Own:
    """What the page adds to torch and to its objects by itself."""

    def __init__(self, facts: "Facts") -> None:
        self._facts = facts
        self.paths: set[str] = set()
        self.attributes: set[str] = set()
        for node in facts.nodes:
            match node:
                case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
                    self.attributes.add(name)
                    self.paths.add(facts.path(node) or "")
                case ast.FunctionDef(name=name, decorator_list=[_, *_]):
                    # Such as @add_to_class(Net).
                    self.attributes.add(name)
                case ast.Call(func=ast.Name(id="setattr"), args=[owner, ast.Constant(value=str(name)), _]):
                    self.attributes.add(name)
                    self.paths.add(f"{facts.path(owner)}.{name}")


def _is_absent(path: str, version: Version | None) -> bool:
    """Whether torch does not have a name, but has the module or class that it is looked for in."""
    if not path.startswith("torch.") or exists(path, version) is not False:
        return False
    return exists(path.rpartition(".")[0], version) is not False


def _read(facts: "Facts") -> Iterator[Absent]:
    version = facts.page.version
    for node, path in facts.names.paths.items():
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and _is_absent(path, version):
            assumed, run = _is_assumed(facts, node), not facts.guards.is_never_run(node)
            yield Absent(node, path, version or NEWEST, _call(facts, node), assumed, run=run)


def _imported(facts: "Facts") -> Iterator[Absent]:
    version = facts.page.version
    for node in facts.nodes:
        match node:
            case ast.Import(names=names):
                found = [(alias, alias.name) for alias in names]
            case ast.ImportFrom(module=str(module), names=names, level=0) if _is_absent(module, version):
                found = [(names[0], module)]
            case ast.ImportFrom(module=str(module), names=names, level=0):
                found = [(alias, f"{module}.{alias.name}") for alias in names if alias.name != "*"]
            case _:
                continue
        yield from (Absent(alias, path, version or NEWEST) for alias, path in found if _is_absent(path, version))


def _reached(facts: "Facts") -> Iterator[Absent]:
    """The methods that are called of objects which do not have them."""
    version = facts.page.version
    for call, callee in facts.program.reached.items():
        function, path = call.func, callee.path
        if not isinstance(function, ast.Attribute) or function in facts.names.paths:
            continue
        if _is_absent(path, version) and not facts.guards.narrows(call):
            yield Absent(function, path, version or NEWEST, call, own=callee.own)


def _call(facts: "Facts", node: ast.Attribute) -> ast.Call | None:
    parent = next(facts.parents(node), None)
    return parent if isinstance(parent, ast.Call) and parent.func is node else None


def _is_assumed(facts: "Facts", node: ast.Attribute) -> bool:
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    return isinstance(inner, ast.Name) and inner.id not in facts.names.bound


def _is_spread(call: ast.Call) -> bool:
    return any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords)
