"""Containers that no code of the page was seen to run: their layers, one after the other, on an input of their own."""

import ast
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from lintml.analysis.calls import call_value
from lintml.analysis.explore import Run, Trial, explore, settled
from lintml.analysis.interpret import Frame, Interpreter, Spent
from lintml.analysis.tree import walk
from lintml.analysis.values import Layer, PageClass, Tensor, Value
from lintml.model import Page
from lintml.shapes.shape import Rest, Shape
from lintml.shapes.world import World


@dataclass(slots=True, eq=False, kw_only=True)
class Rehearsal(Trial):
    """A container run on its own; ``cls`` is the class that it is made in."""

    container: Layer
    cls: PageClass | None


def rehearsals(
    run: Interpreter, page: Page, made: Iterable[tuple[Layer, PageClass | None]], applied: Container[ast.AST]
) -> Iterator[Rehearsal]:
    """A rehearsal of each nn.Sequential of which not all layers were seen at work, if it brings a clash to light.

    Not of one that the page takes apart, whose layers need not follow each other.
    """
    done: set[ast.AST] = set()
    for container, cls in made:
        layers = [each for each in _in_order(container) if isinstance(each, Layer)]
        if container.node in done or len(layers) < 2 or all(each.node in applied for each in layers):
            continue
        done.add(container.node)
        done.update(each.node for each in _inner(container))
        trial = Rehearsal(container=container, cls=cls)
        explore(run, trial, lambda world, trial=trial: _rehearsed(run, page, trial, world))  # type: ignore[misc]
        seen = trial.primary.trace
        if (seen.clashes or seen.misuses) and not _taken_apart(page, container):
            yield trial


def _rehearsed(run: Interpreter, page: Page, trial: Rehearsal, world: World) -> Run:
    trace = run.fresh(world)
    frame = Frame({}, trial.cls.snippet if trial.cls is not None else page.snippets[0], owner=trial.cls)
    value: Value = Tensor(Shape((), Rest("input")), device="input", named="input")
    try:
        for each in _in_order(trial.container):
            # The layer's own call stands for the call of it that nobody wrote.
            node = each.node if isinstance(each, Layer) else trial.container.node
            value = call_value(run, each, [value], {}, node, frame)
    except Spent:
        trace.spent = True
    return settled(world, trace, {}, value)


def _in_order(container: Layer) -> list[Value]:
    """What a nn.Sequential runs, that of others in it among it; nothing where that is not known."""
    if container.items is None or not container.items.exact or not container.path.endswith("Sequential"):
        return []
    found: list[Value] = []
    for each in container.items.values:
        found += _in_order(each) if isinstance(each, Layer) and each.path.endswith("Sequential") else [each]
    return found


def _inner(container: Layer) -> Iterator[Layer]:
    for each in container.items.values if container.items is not None else ():
        if isinstance(each, Layer) and each.items is not None:
            yield each
            yield from _inner(each)


def _taken_apart(page: Page, container: Layer) -> bool:
    """Whether the page goes through the layers of a container itself, or picks some of them."""
    nodes = [node for snippet in page.snippets if snippet.tree is not None for node in walk(snippet.tree)]
    held = {
        _name(target)
        for node in nodes
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is container.node
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    } - {""}
    return any(part is container.node or _name(part) in held for node in nodes for part in _parted(node))


def _parted(node: ast.AST) -> Iterable[ast.AST]:
    """What a node takes the parts of."""
    match node:
        case ast.Subscript(value=value) | ast.Starred(value=value):
            return (value,)
        case ast.For(iter=over) | ast.comprehension(iter=over):
            return (over,)
        case ast.Call(func=ast.Name(id="enumerate" | "zip" | "reversed" | "list" | "len" | "iter"), args=args):
            return args
        case ast.Attribute(value=value, attr="children" | "named_children" | "modules" | "named_modules" | "_modules"):
            return (value,)
    return ()


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
