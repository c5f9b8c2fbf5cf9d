"""What stands between two brackets, parted by commas: new items in its own layout, items gone without a trace."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from lintml.model import Edit
from lintml.rewriting.concrete import Concrete
from lintml.rewriting.source import Source


@dataclass(frozen=True, slots=True)
class Item:
    """One item's text from ``start`` to ``end``; ``comma`` is the offset past the comma after it, if there is one."""

    start: int
    end: int
    comma: int | None


@dataclass(frozen=True, slots=True)
class Commas:
    """The items between an opening bracket, which ends at ``start``, and a closing one, which begins at ``end``."""

    source: Source
    start: int
    end: int
    items: tuple[Item, ...]

    def change(self, gone: Collection[int], added: Mapping[int, Sequence[str]]) -> list[Edit]:
        """The items at the indices in ``gone`` go, and ``added`` come, each text before the item at its index.

        What is added right behind an item that goes takes its place; else it has a line of its own where the item
        before it has one. Comments stay, but for those on the lines of items that go.
        """
        whole = [text for index in sorted(added) for text in added[index]]
        if not self.items:
            return [self._fill(whole)] if whole else []
        if len(gone) == len(self.items):
            return [self._replace_all(whole)] if whole else self._empty()
        edits: list[Edit] = []
        replaced: set[int] = set()
        for index, texts in added.items():
            if not texts:
                continue
            if index - 1 in gone:
                replaced.add(index - 1)
                edits.append(self._replace(self.items[index - 1], texts))
            elif index == 0:
                edits.append(self._insert_before(self.items[0], texts))
            else:
                edits.append(self._insert_after(self.items[index - 1], texts))
        return edits + self._remove(set(gone) - replaced)

    def _replace_all(self, texts: Sequence[str]) -> Edit:
        return self.source.edit(self.items[0].start, self.items[-1].end, ", ".join(texts))

    def _replace(self, item: Item, texts: Sequence[str]) -> Edit:
        return self.source.edit(item.start, item.end, f",{self._separator(item)}".join(texts))

    def _insert_before(self, item: Item, texts: Sequence[str]) -> Edit:
        separator = self._separator(item)
        return self.source.edit(item.start, item.start, "".join(f"{text},{separator}" for text in texts))

    def _insert_after(self, item: Item, texts: Sequence[str]) -> Edit:
        source, separator = self.source, self._separator(item)
        if item.comma is not None:
            place = self._past_comment(item.comma) if "\n" in separator else item.comma
            return source.edit(place, place, "".join(f"{separator}{text}," for text in texts))
        place = self._past_comment(item.end) if "\n" in separator else item.end
        added = ",".join(f"{separator}{text}" for text in texts)
        return source.edit(item.end, place, f",{source.text[item.end : place]}{added}")

    def _fill(self, texts: Sequence[str]) -> Edit:
        """The first items between brackets that hold nothing, or nothing but comments."""
        inner = self.source.text[self.start : self.end]
        if not inner.strip():
            return self.source.edit(self.start - 1, self.end + 1, f"({', '.join(texts)})")
        line = self.source.line(self.start + len(inner.rstrip()))
        indent = self.source.indent(line) + ("    " if line == self.source.line(self.start) else "")
        lines = "".join(f"\n{indent}{text}," for text in texts)
        return self.source.edit(self.start, self.end, inner.rstrip() + lines + inner[len(inner.rstrip()) :])

    def _remove(self, gone: set[int]) -> list[Edit]:
        if not gone:
            return []
        edits: list[Edit] = []
        for run in self._runs(gone):
            if all(self._has_lines_of_its_own(index) for index in run):
                edits += [self._delete_lines_of(self.items[index]) for index in run]
            else:
                edits.append(self._delete_run(run))
        last = max(index for index in range(len(self.items)) if index not in gone)
        if last < len(self.items) - 1 and self.items[-1].comma is None:
            edits += self._without_comma(self.items[last], edits)
        return edits

    def _empty(self) -> list[Edit]:
        if not any("#" in self._between(index - 1, index) for index in range(len(self.items) + 1)):
            return [self.source.edit(self.start, self.end, "")]
        return [self.source.edit(item.start, item.comma or item.end, "") for item in self.items]

    def _delete_lines_of(self, item: Item) -> Edit:
        """The lines of ``item``, from the newline before them."""
        first, last = self.source.line(item.start), self.source.line(item.end)
        return self.source.edit(self.source.line_end(first - 1), self.source.line_end(last), "")

    def _runs(self, gone: set[int]) -> list[list[int]]:
        """The items that follow each other with no comment between, together."""
        runs: list[list[int]] = []
        for index in sorted(gone):
            if runs and runs[-1][-1] == index - 1 and "#" not in self._between(index - 1, index):
                runs[-1].append(index)
            else:
                runs.append([index])
        return runs

    def _delete_run(self, run: Sequence[int]) -> Edit:
        """Items that follow each other go with the comma that parts them from a neighbour; comments stay."""
        first, last = self.items[run[0]], self.items[run[-1]]
        if run[0] > 0 and "#" not in self._between(run[0] - 1, run[0]):
            return self.source.edit(self.items[run[0] - 1].end, last.end, "")
        if run[-1] + 1 < len(self.items) and "#" not in self._between(run[-1], run[-1] + 1):
            return self.source.edit(first.start, self.items[run[-1] + 1].start, "")
        return self.source.edit(first.start, last.comma or last.end, "")

    def _without_comma(self, item: Item, edits: Sequence[Edit]) -> list[Edit]:
        """The comma after the new last item, which the old one did not have, unless it goes already."""
        assert item.comma is not None
        start = item.comma - 1
        if any(edit.span.start <= start < edit.span.end for edit in edits):
            return []
        return [self.source.edit(start, item.comma, "")]

    def _separator(self, item: Item) -> str:
        """What stands before an item that comes after ``item``."""
        if not self.source.begins_line(item.start):
            return " "
        return "\n" + self.source.indent(self.source.line(item.start))

    def _has_lines_of_its_own(self, index: int) -> bool:
        item = self.items[index]
        if not self.source.begins_line(item.start):
            return False
        end = item.comma or item.end
        rest = self.source.text[end : self.source.line_end(self.source.line(end))].strip()
        return self.source.line(end) == self.source.line(item.end) and (not rest or rest.startswith("#"))

    def _past_comment(self, offset: int) -> int:
        """The end of the comment that follows ``offset`` on its line, or ``offset``."""
        end = self.source.line_end(self.source.line(offset))
        return end if self.source.text[offset:end].lstrip().startswith("#") else offset

    def _between(self, index: int, following: int) -> str:
        """The text between two items; index -1 is the opening bracket, the number of items the closing one."""
        start = self.items[index].end if index >= 0 else self.start
        end = self.items[following].start if following < len(self.items) else self.end
        return self.source.text[start:end]


def item(tree: Concrete, node: cst.CSTNode, comma: cst.Comma | cst.MaybeSentinel, end: int) -> Item:
    """The item that begins with ``node``; it ends where its comma begins or, without one, at ``end``."""
    start = tree.span(node).start
    if not isinstance(comma, cst.Comma):
        return Item(start, end, None)
    before = tree.span(comma.whitespace_before)
    return Item(start, before.start, before.end + 1)
