"""Statements inserted, replaced, removed and decorated, with the lines, semicolons and blank lines around them."""

import ast
from collections.abc import Collection, Iterator, Sequence

from lintml.model import AddDecorator, Edit, Insert
from lintml.rewriting.layout import Place, extent, indent_of, place_of, suite_start, unit, usual_gap
from lintml.rewriting.pieces import Statements, is_definition
from lintml.rewriting.source import Source


def insert(source: Source, change: Insert) -> list[Edit]:
    """Statements before or after another, at its indentation; comments right above it stay with it."""
    place, new = place_of(source, change.node), Statements(change.text)
    return _insert_after(place, new) if change.after else _insert_before(place, new)


def replace(source: Source, node: ast.stmt, text: str) -> list[Edit]:
    """Statements in place of another and of its decorators."""
    if isinstance(node, ast.ImportFrom):
        from lintml.rewriting import import_lists

        if (changed := import_lists.replace(source, node, text)) is not None:
            return changed
    place, new = place_of(source, node), Statements(text)
    line = None if place.has_own_lines else new.one_line()
    body = _lines(place, new).lstrip(" \t") if line is None else line
    edit = source.edit(place.start, place.end, body)
    if place.has_own_lines or line is not None:
        return [edit]
    edits = [*_open_suite(place), edit] if place.index else [edit]
    if place.before is not None:
        edits.append(_break(place, place.before, place.start))
    if place.after is not None:
        edits.append(_break(place, place.end, place.after))
    return edits


def remove(source: Source, statements: Sequence[ast.stmt], refilled: Collection[ast.stmt]) -> list[Edit]:
    """All the statements that a fix removes; a block left empty gets ``pass``, unless one is ``refilled`` beside."""
    edits: list[Edit] = []
    blocks: dict[int, list[Place]] = {}
    for statement in statements:
        place = place_of(source, statement)
        blocks.setdefault(id(place.block), []).append(place)
    for places in blocks.values():
        places.sort(key=lambda place: place.index)
        if _leaves_nothing(places, refilled):
            edits.append(source.edit(places[0].start, places[0].end, "pass"))
            del places[0]
        edits += [_remove_run(source, run, refilled) for run in _runs(source, places)]
    return edits


def decorate(source: Source, change: AddDecorator) -> Edit:
    """A decorator right above ``def`` or ``class``, below those that are there."""
    line = change.node.lineno - 1
    return source.insert_lines(line, f"{source.indent(line)}@{change.text.strip().removeprefix('@')}")


def _insert_before(place: Place, new: Statements) -> list[Edit]:
    source = place.source
    if place.before is None:
        line = _top_of_comments(place)
        gap = _gap(place)
        above = max(0, gap - source.blanks_above(line)) if place.index and new.begins_with_definition else 0
        below = gap if new.ends_with_definition or is_definition(place.statement) else 0
        return [source.insert_lines(line, "\n" * above + _lines(place, new) + "\n" * below)]
    if (line_text := new.one_line()) is not None:
        return [source.edit(place.start, place.start, f"{line_text}; ")]
    edit = source.edit(place.before, place.start, f"\n{_lines(place, new)}\n{indent_of(place)}")
    return [*_open_suite(place), edit] if place.index else [edit]


def _insert_after(place: Place, new: Statements) -> list[Edit]:
    source = place.source
    in_suite = suite_start(source, place.block) is not None
    if place.after is None and not in_suite:
        line = _below(place)
        following = place.block[place.index + 1 : place.index + 2]
        gap = _gap(place)
        above = gap if is_definition(place.statement) or new.begins_with_definition else 0
        parted = following and (new.ends_with_definition or is_definition(following[0]))
        below = max(0, gap - source.blanks_from(line)) if parted else 0
        return [source.insert_lines(line, "\n" * above + _lines(place, new) + "\n" * below)]
    if (line_text := new.one_line()) is not None:
        return [source.edit(place.end, place.end, f"; {line_text}")]
    if place.after is not None:
        edit = source.edit(place.end, place.after, f"\n{_lines(place, new)}\n{indent_of(place)}")
    else:
        end = source.line_end(place.last_line)
        edit = source.edit(end, end, f"\n{_lines(place, new)}")
    return [*_open_suite(place), edit]


def _open_suite(place: Place) -> list[Edit]:
    """A one-line suite begins on a line of its own, so that it can hold more than simple statements."""
    colon = suite_start(place.source, place.block)
    return [] if colon is None else [_break(place, colon, extent(place.source, place.block[0])[0])]


def _break(place: Place, start: int, end: int) -> Edit:
    return place.source.edit(start, end, "\n" + indent_of(place))


def _lines(place: Place, new: Statements) -> str:
    return new.indented(indent_of(place), unit(place.source))


def _gap(place: Place) -> int:
    return usual_gap(place.source, place.block, default=1 if place.is_nested else 2)


def _top_of_comments(place: Place) -> int:
    """The first of the comment lines that belong to a statement; what heads the snippet does not."""
    source, line = place.source, place.first_line
    while line and source.is_comment(line - 1) and source.indent(line - 1) == source.indent(place.first_line):
        line -= 1
    return line or place.first_line


def _below(place: Place) -> int:
    """The line after a statement and after the comments that end its own block."""
    source, line = place.source, place.last_line + 1
    while source.is_comment(line) and len(source.indent(line)) > len(source.indent(place.first_line)):
        line += 1
    return line


def _leaves_nothing(places: Sequence[Place], refilled: Collection[ast.stmt]) -> bool:
    first = places[0]
    if not first.is_nested or len(places) < len(first.block):
        return False
    in_suite = suite_start(first.source, first.block) is not None
    return in_suite or not any(statement in refilled for statement in first.block)


def _runs(source: Source, places: Sequence[Place]) -> Iterator[list[Place]]:
    """The statements that follow each other on one line, or on lines with nothing else on or between, together."""
    run: list[Place] = []
    for place in places:
        if run and not (place.index == run[-1].index + 1 and _continues(source, run, place)):
            yield run
            run = []
        run.append(place)
    if run:
        yield run


def _continues(source: Source, run: Sequence[Place], place: Place) -> bool:
    if run[-1].after is not None:
        return True
    below = run[-1].last_line + 1
    return run[0].before is None and below + source.blanks_from(below) == place.first_line


def _remove_run(source: Source, run: Sequence[Place], refilled: Collection[ast.stmt]) -> Edit:
    """A run goes: as whole lines where it is alone on them, else with the semicolon that parts it from a neighbour."""
    first, last = run[0], run[-1]
    if last.after is not None:
        return source.edit(first.start, last.after, "")
    if first.before is not None:
        return source.edit(first.before, last.end, "")
    if any(place.statement in refilled for place in run):
        return source.delete_lines(first.first_line, last.last_line)
    return _delete_with_blanks(source, first, last)


def _delete_with_blanks(source: Source, first: Place, last: Place) -> Edit:
    """Lines go, with the blank lines on one side of them where there are some on both, or no statement on the other."""
    first_line, last_line = first.first_line, last.last_line
    above, below = source.blanks_above(first_line), source.blanks_from(last_line + 1)
    if not source.has_line(last_line + below + 1) or below > above > 0:
        first_line -= above
    elif above or (first.index == 0 and last.index + 1 < len(last.block)):
        last_line += below
    return source.delete_lines(first_line, last_line)
