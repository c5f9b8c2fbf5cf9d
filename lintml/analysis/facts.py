"""The facts of one page, each worked out once, when a rule first asks for it."""

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

from lintml.analysis.absences import Absent, absences
from lintml.analysis.additions import Additions
from lintml.analysis.arity import Misfit
from lintml.analysis.attention import Attention, attentions
from lintml.analysis.built import Built
from lintml.analysis.flow import FLATTENING, KEEPING, merges
from lintml.analysis.guards import Guards
from lintml.analysis.invocations import Invocation
from lintml.analysis.losses import Judged, judged
from lintml.analysis.memory import ScatteredView, scattered_views
from lintml.analysis.momentum import Momentum, momenta
from lintml.analysis.names import Names, Undefined, names_of
from lintml.analysis.optimizers import MissingGradient, Optimizers, PastAutograd, Step
from lintml.analysis.outdated import Outdated, outdated
from lintml.analysis.pairs import Misuse
from lintml.analysis.recording import Recordings
from lintml.analysis.singletons import Singleton, singletons
from lintml.analysis.spelling import spell, spell_size
from lintml.analysis.splitting import Split, splits
from lintml.analysis.torch_misfits import TorchMisfit, torch_misfits
from lintml.analysis.trace import Clash, DeviceMix, Store
from lintml.analysis.training import Block, blocks
from lintml.analysis.tree import children, walk
from lintml.analysis.unpacking import Unpacking
from lintml.analysis.values import Application, Function, PageClass, Tensor
from lintml.model import Page, Place, Reason, Snippet
from lintml.shapes.call import Call
from lintml.shapes.shape import Axis, Shape
from lintml.shapes.world import World
from lintml.torch_api import operators

if TYPE_CHECKING:
    from lintml.analysis.program import Program


NAMED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


_Node = TypeVar("_Node", bound=ast.AST)


class Facts:
    """What is known of a page. Rules hear facts by type (``of``) and ask for the rest by name."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @cached_property
    def names(self) -> Names:
        """Bindings, paths and undefined names."""
        return names_of(self.page)

    @cached_property
    def program(self) -> "Program":
        """The page interpreted: its classes, functions and what their runs saw."""
        from lintml.analysis.program import Program

        return Program(self.page, self.names)

    @cached_property
    def optimizers(self) -> Optimizers:
        """The page's optimizers, their steps followed."""
        return Optimizers(self.names, self.program.classes, self.program.functions)

    @cached_property
    def momenta(self) -> list[Momentum]:
        """The buffers in which the page's optimizers collect gradients."""
        return list(momenta(self.optimizers.steps))

    def of(self, kind: type) -> Iterable[Any]:
        """The facts of one type, in document order."""
        source = _SOURCES.get(kind)
        return source(self) if source is not None else ()

    def path(self, node: ast.AST | None) -> str | None:
        """The dotted path that a name or attribute stands for; None if it is nothing imported."""
        return self.names.path(node)

    def meant(self, name: str) -> str | None:
        """The class of torch that a name means which nothing on the page binds; None if there is none."""
        from lintml.analysis.unqualified import meant

        return meant(self.names, name)

    def snippet(self, node: ast.AST | Place) -> Snippet:
        """The snippet that a node or a place stands in."""
        if isinstance(node, Place):
            return node.snippet
        around = self._tree[1]
        while (outer := around.get(node)) is not None:
            node = outer
        return self._homes[node]

    def source(self, node: ast.AST) -> str:
        """The source text of a node."""
        from lintml.documents import span_of

        snippet = self.snippet(node)
        span = span_of(snippet, node)
        return snippet.text[span.start : span.end]

    def parents(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, innermost first."""
        around, outer = self._tree[1], node
        while (outer := around.get(outer)) is not None:  # type: ignore[assignment]
            yield outer

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that a node is or stands in."""
        if isinstance(node, ast.stmt):
            return node
        return next(parent for parent in self.parents(node) if isinstance(parent, ast.stmt))

    def subject(self, node: ast.AST) -> str:
        """The outermost class or function that a node stands in, empty for module-level code."""
        around = [each for each in (node, *self.parents(node)) if isinstance(each, NAMED)]
        return around[-1].name if around else ""

    def guarded(self, node: ast.AST, instead: str = "") -> bool:
        """Whether the code itself expects that a name may not be there, or asks first whether to use ``instead``."""
        return self.guards.expects(node, instead)

    def silenced(self, node: ast.AST) -> bool:
        """Whether the code itself expects a warning where a node stands."""
        return self.guards.silences(node)

    def records(self, node: ast.AST) -> bool | None:
        """Whether autograd records what is computed there; None where a caller decides, or a block not known."""
        return self._recordings.around(node)

    def may_record(self, node: ast.AST) -> bool:
        """Whether autograd records there, in a function as far as no function of the page switches it off."""
        records = self._recordings.around(node)
        return not self._recordings.inside if records is None else records

    def spell(self, path: str, near: ast.AST) -> str:
        """A torch path as the snippet that ``near`` stands in would write it."""
        return spell(self.names, path, self.snippet(near).index)

    def spell_size(self, size: Axis, near: ast.AST) -> str | None:
        """A size as source text in the function that ``near`` is or stands in; None where its symbols are not known."""
        around = (near, *self.parents(near))
        init = next((each for each in around if isinstance(each, ast.FunctionDef)), None)
        parameters = (
            {argument.arg for argument in (*init.args.args, *init.args.kwonlyargs)} if init is not None else set()
        )
        return spell_size(size, parameters)

    def origin(self, clash: Clash) -> tuple[Reason, ...]:
        """Where the tensor that does not fit got its sizes, and who calls the code with them."""
        tensor = clash.input
        reasons = []
        source = self.through_values(tensor.source) if tensor is not None else None
        if source is not None and source.node is not clash.node:
            made = source.outputs[0].shape if source.outputs else None
            reasons.append(
                Reason(source.node, f"its input {made if made is not None else ''} comes from here".replace("  ", " "))
            )
        blamed, layer = self.blamed(clash), clash.application.layer
        if clash.layer is not None and blamed is not clash.layer:
            reasons.append(Reason(clash.layer, "the layer that takes it"))
        elif layer is not None and layer.makers:
            reasons.append(Reason(layer.makers[0], "the layer is made by this call"))
        if clash.callers and clash.owner is not None:
            reasons.append(Reason(clash.callers[0], "called with these sizes here"))
        return tuple(reasons)

    def blamed(self, clash: Clash) -> ast.Call | None:
        """The call that gives a layer a size that does not fit, which may be one of the page's own class or function.

        What one call makes fits together or not whoever makes that call: between two such layers the layer is to blame,
        and so it is in a method, which another class may have put there.
        """
        layer, tensor = clash.application.layer, clash.input
        source = self.through_values(tensor.source) if tensor is not None else None
        beside = source.layer.makers if source is not None and source.layer is not None else ()
        makers = [call for call in layer.makers if isinstance(call.func, ast.Name)] if layer is not None else []
        return next((call for call in makers if call not in beside), clash.layer)

    def through_values(self, source: Application | None) -> Application | None:
        """The application behind operators that change values but no axes."""
        while source is not None and source.path in KEEPING and source.inputs and source.inputs[0] is not None:
            behind = source.inputs[0].source
            if behind is None:
                break
            source = behind
        return source

    def flattened(self, clash: Clash) -> Application | None:
        """Where the input that does not fit had several axes made into one; None if it never had."""
        tensor = clash.input
        source = self.through_values(tensor.source) if tensor is not None else None
        return source if source is not None and source.path in FLATTENING and merges(source) else None

    def comes_from(self, tensor: Tensor, ancestor: Tensor) -> bool:
        """Whether a tensor is computed from another, or from what that other is the same as."""
        waiting, seen = [tensor], set()
        while waiting:
            each = waiting.pop()
            if each is ancestor or (each.named and each.named == ancestor.named):
                return True
            if each.source is not None and each.source not in seen:
                seen.add(each.source)
                waiting += [given for given in each.source.inputs if given is not None]
        return False

    def would_fit(self, path: str, shapes: Sequence[Shape | None]) -> bool:
        """Whether an operator of torch takes inputs of these shapes; False where that is not certain."""
        signature = operators.function(path)
        if signature is None or not all(shape is not None and shape.settled for shape in shapes):
            return False
        call = Call(path, list(shapes), {}, World())
        return bool(signature.apply(call)) and not call.mismatches

    def tensor_parameter(self, function: ast.FunctionDef) -> str:
        """The first parameter of a method that a caller gives a tensor, empty if there is none."""
        spec = function.args
        plain = [*spec.posonlyargs, *spec.args]
        plain = plain[1 : len(plain) - len(spec.defaults)]
        return next(
            (
                argument.arg
                for argument in plain
                if argument.annotation is None or "Tensor" in ast.dump(argument.annotation)
            ),
            "",
        )

    def free_attribute(self, cls: PageClass, name: str) -> str:
        """An attribute name that the class does not use yet."""
        used = {node.attr for node in walk(cls.node) if isinstance(node, ast.Attribute)}
        number, free = 1, name
        while free in used:
            number += 1
            free = f"{name}_{number}"
        return free

    @cached_property
    def outdated(self) -> list[Outdated]:
        """The mentions of names that torch has given up, by import or path, then by method."""
        return list(outdated(self.names, self.page, self.nodes, self.parents, self.program.invocations))

    @cached_property
    def blocks(self) -> list[Block]:
        """The blocks of statements in which the page trains something."""
        return blocks(self.nodes, self.parents, self.path, lambda: self.program.invocations)

    @property
    def nodes(self) -> list[ast.AST]:
        """Every node of the page in document order, outer ones first."""
        return self._tree[0]

    def each(self, kind: type[_Node]) -> Sequence[_Node]:
        """Every node of one type, in document order."""
        return self._by_type.get(kind, ())  # type: ignore[return-value]

    @cached_property
    def additions(self) -> Additions:
        """What the page adds to torch and to its objects."""
        return Additions(self.names, self.nodes)

    @cached_property
    def guards(self) -> Guards:
        return Guards(self.names, self.nodes, self.parents)

    @cached_property
    def _recordings(self) -> Recordings:
        return Recordings(self.nodes, self.parents, self.path)

    @cached_property
    def _homes(self) -> dict[ast.AST, Snippet]:
        return {snippet.tree: snippet for snippet in self.page.snippets if snippet.tree is not None}

    @cached_property
    def _by_type(self) -> dict[type, list[ast.AST]]:
        found: dict[type, list[ast.AST]] = defaultdict(list)
        for node in self.nodes:
            found[node.__class__].append(node)
        return dict(found)

    @cached_property
    def _tree(self) -> tuple[list[ast.AST], dict[ast.AST, ast.AST]]:
        """The nodes, and for each but the modules the one around it: one walk for both."""
        nodes: list[ast.AST] = []
        around: dict[ast.AST, ast.AST] = {}
        for tree in self._homes:
            stack = [tree]
            while stack:
                node = stack.pop()
                nodes.append(node)
                inner = children(node)
                for child in inner:
                    around[child] = node
                inner.reverse()
                stack += inner
        return nodes, around


_SOURCES: dict[type, Callable[[Facts], Iterable[Any]]] = {
    Page: lambda facts: [facts.page],
    Snippet: lambda facts: facts.page.snippets,
    Undefined: lambda facts: facts.names.undefined,
    PageClass: lambda facts: facts.program.classes,
    Function: lambda facts: facts.program.functions,
    Built: lambda facts: facts.program.built,
    Clash: lambda facts: facts.program.clashes,
    DeviceMix: lambda facts: facts.program.mixes,
    Application: lambda facts: facts.program.applications,
    Attention: lambda facts: attentions(facts.program),
    Block: lambda facts: facts.blocks,
    Judged: lambda facts: judged(facts.program.applications),
    Singleton: lambda facts: singletons(facts.program),
    Split: lambda facts: splits(facts.program),
    Invocation: lambda facts: facts.program.invocations,
    ScatteredView: lambda facts: scattered_views(facts.program),
    Misuse: lambda facts: facts.program.misuses,
    Misfit: lambda facts: facts.program.misfits,
    Outdated: lambda facts: facts.outdated,
    Unpacking: lambda facts: facts.program.unpackings,
    Absent: absences,
    TorchMisfit: torch_misfits,
    Step: lambda facts: facts.optimizers.steps,
    Store: lambda facts: facts.program.stores,
    MissingGradient: lambda facts: facts.optimizers.missing,
    Momentum: lambda facts: facts.momenta,
    PastAutograd: lambda facts: facts.optimizers.past,
}
