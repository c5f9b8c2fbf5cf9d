"""From a block to a snippet: Python is parsed, and what is not quite Python is seen through first."""

import ast

from lintml.documents.block import Block
from lintml.documents.deliberate import wrong_markers
from lintml.documents.errors import NOT_PYTHON
from lintml.documents.execution import kept_from_running
from lintml.documents.markers import comment_markers
from lintml.documents.text import has_any, starts_of
from lintml.model import Problem, Snippet

_NEVER_PYTHON = (">>>", "%", "!", "?")
"""How code begins that the parser need not be asked about."""

_GOES_ON = ('"""', "'''", "\\\n")


def build(index: int, block: Block) -> Snippet:
    """The snippet of a block; it has a tree, or a problem that says why not."""
    lines, home, prefix, prompts = block.lines, block.home, block.prefix, False
    tree: ast.Module | None = None
    problem: Problem | None = None
    code = "\n".join(lines)
    file = _file(code, lines)
    if unread := block.unread or _foreign(code, lines):
        problem = Problem(unread)
    else:
        failed: Exception | None = None
        try:
            tree = None if _has_magics(code) else ast.parse(code)
        except NOT_PYTHON as error:
            failed = error
        if tree is None:
            from lintml.documents.see_through import see_through

            seen = see_through(lines, home, failed)
            tree, problem, lines, home, prompts = seen.tree, seen.problem, seen.lines, seen.home, seen.prompts
            prefix += seen.indent
            code = "\n".join(lines)
    readable = problem.mended if problem and problem.mended else code
    return Snippet(
        index=index,
        text=f"{code}\n" if lines and block.ends_with_newline else code,
        home=home,
        tree=tree,
        problem=problem,
        cell=block.cell,
        cell_id=block.cell_id,
        group=f"file {file}" if file else block.group,
        prefix=prefix,
        newline=block.newline,
        editable=block.editable,
        execute=(execute := kept_from_running(block, code)),
        markers=(
            *block.markers,
            *comment_markers(readable, home),
            *wrong_markers(block, execute, readable, lines, home),
        ),
        heading=block.heading,
        row=block.row,
        info=block.info.text,
        starts=tuple(starts_of(lines)),
        prompts=prompts,
        closed=block.closed,
        alternatives=() if file else block.alternatives,
        apart="file" if file else block.apart,
        outputs=block.outputs,
    )


def _has_magics(code: str) -> bool:
    """Whether the parser need not be asked first: a line begins as none in Python does, unless brackets are open.

    Strings and statements that go on on the next line may have any.
    """
    if code.lstrip().startswith(_NEVER_PYTHON):
        return True
    return ("\n%" in code or "\n!" in code) and not has_any(_GOES_ON, code)


def _file(code: str, lines: list[str]) -> str:
    """The Python file that a cell writes itself to, or nothing."""
    if "%%" not in code:
        return ""
    from lintml.documents.magics import written_file

    return written_file(lines)


def _foreign(code: str, lines: list[str]) -> str:
    """Why a cell under a magic is not Python, or nothing."""
    if not code.lstrip().startswith("%"):
        return ""
    from lintml.documents.magics import foreign_magic

    magic = foreign_magic(lines)
    return f"cell magic {magic}" if magic else ""
