"""Which snippets of a page one of them needs: those that bind the names it uses, and what those need in turn."""

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache

from lintml.verify import Block


def needed(blocks: Sequence[Block], index: int) -> tuple[Block, ...]:
    """The block ``index`` and, in page order, the nearest earlier blocks that its names come from.

    What none of these binds, and its functions call, may be defined in a later one. A block that may bind any name
    (``from x import *``) is always among them; one that does not parse never is.
    """
    place = {block.index: at for at, block in enumerate(blocks)}
    if index not in place:
        return tuple(blocks)
    wanted = {place[index]}
    wanted.update(at for at in range(place[index]) if "*" in bound(blocks[at].text))
    waiting = sorted(wanted)
    while waiting:
        at = waiting.pop()
        for name in _used(blocks[at].text):
            source = next((other for other in range(at - 1, -1, -1) if name in bound(blocks[other].text)), None)
            if source is None and name not in bound(blocks[at].text):
                source = next(
                    (other for other in range(at + 1, len(blocks)) if name in _made(blocks[other].text)), None
                )
            if source is not None and source not in wanted:
                wanted.add(source)
                waiting.append(source)
    return tuple(blocks[at] for at in sorted(wanted))


def home(blocks: Sequence[Block], index: int, name: str) -> int:
    """The block that defines ``name``: ``index`` if it does, else the next one that does, else ``index``."""
    later = [block.index for block in blocks if block.index >= index and name in bound(block.text)]
    return later[0] if name and later else index


@lru_cache(maxsize=512)
def _tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


@lru_cache(maxsize=512)
def _used(text: str) -> frozenset[str]:
    tree = _tree(text)
    nodes = ast.walk(tree) if tree is not None else ()
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


@lru_cache(maxsize=512)
def bound(text: str) -> frozenset[str]:
    """The names that a snippet binds; none where it does not parse."""
    tree = _tree(text)
    return frozenset(_binds(tree.body)) if tree is not None else frozenset()


@lru_cache(maxsize=512)
def _made(text: str) -> frozenset[str]:
    """The functions and classes that a snippet defines."""
    tree = _tree(text)
    made = tree.body if tree is not None else ()
    return frozenset(s.name for s in made if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef))


def _binds(body: Sequence[ast.stmt]) -> Iterator[str]:
    """The names that statements bind at module level, also inside ``if``, ``try``, ``with`` and loops."""
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((alias.asname or alias.name).split(".")[0] for alias in names)
            case _:
                yield from _inside(statement)


def _inside(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.stmt():
                yield from _binds([child])
            case ast.Lambda():
                pass
            case _:
                yield from _inside(child)
