"""The pieces of source text that changes bring along: read, indented, put on one line."""

import ast
import io
import re
import textwrap
import warnings

_SPACE_OR_SEMICOLON = re.compile(r"[\s;]")
_LEADING = re.compile(r"[ \t]*")


class RewriteError(Exception):
    """A change that cannot be carried out; the message says why."""


def parse_module(text: str) -> ast.Module:
    """The syntax tree of ``text``; whatever keeps Python from parsing it is a ``SyntaxError``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error)) from error


def is_definition(statement: ast.stmt) -> bool:
    """Whether blank lines are usual around ``statement``."""
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


class Statements:
    """One or more statements without indentation, to be set into a block."""

    def __init__(self, text: str) -> None:
        text = text.strip("\n").rstrip()
        self.text = textwrap.dedent(text) if text[:1] in (" ", "\t") else text
        try:
            body = parse_module(self.text).body
        except SyntaxError as error:
            raise RewriteError(f"the new text does not parse: {error.msg}") from None
        if not body:
            raise RewriteError("the new text holds no statement")
        self.body = body

    @property
    def begins_with_definition(self) -> bool:
        return is_definition(self.body[0])

    @property
    def ends_with_definition(self) -> bool:
        return is_definition(self.body[-1])

    def one_line(self) -> str | None:
        """The statements joined by semicolons, if they can stand on one line and no comment is lost."""
        if any(_is_compound(statement) for statement in self.body):
            return None
        parts = [ast.get_source_segment(self.text, statement) or "" for statement in self.body]
        if any("\n" in part for part in parts):
            return None
        whole, kept = (_SPACE_OR_SEMICOLON.sub("", text) for text in (self.text, "".join(parts)))
        return "; ".join(parts) if whole == kept else None

    def indented(self, indent: str, unit: str) -> str:
        """The statements at ``indent``, their own levels made of ``unit``; lines within strings stay as they are."""
        kept = lines_within_strings(self.text)
        own = self._own_unit()
        lines = self.text.split("\n")
        for number, line in enumerate(lines):
            if line.strip() and number not in kept:
                lines[number] = indent + _with_unit(line, own, unit)
        return "\n".join(lines)

    def _own_unit(self) -> str:
        """One level of the indentation that the text itself uses."""
        lines = self.text.split("\n")
        for statement in self.body:
            inner = getattr(statement, "body", None)
            if isinstance(inner, list) and inner[0].lineno > statement.lineno:
                leading = _LEADING.match(lines[inner[0].lineno - 1])
                return leading[0] if leading else ""
        return ""


def indented_after_first(text: str, indent: str) -> str:
    """``text`` with its lines after the first at ``indent``, where they do not begin inside a string."""
    kept = lines_within_strings(text)
    first, *rest = text.split("\n")
    return "\n".join(
        [first, *(indent + line if line.strip() and n not in kept else line for n, line in enumerate(rest, 1))]
    )


def lines_within_strings(text: str) -> set[int]:
    """The numbers, from 0, of the lines that begin inside a string."""
    if "\n" not in text:
        return set()
    import tokenize

    opens = getattr(tokenize, "FSTRING_START", -1), getattr(tokenize, "TSTRING_START", -1)
    closes = getattr(tokenize, "FSTRING_END", -1), getattr(tokenize, "TSTRING_END", -1)
    within: set[int] = set()
    begun: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.STRING:
                within.update(range(token.start[0], token.end[0]))
            elif token.type in opens:
                begun.append(token.start[0])
            elif token.type in closes:
                within.update(range(begun.pop(), token.end[0]))
    except (tokenize.TokenError, IndentationError):
        pass  # the end of a piece that is not a whole statement
    return within


def _is_compound(statement: ast.stmt) -> bool:
    return isinstance(getattr(statement, "body", None), list) or isinstance(statement, ast.Match)


def _with_unit(line: str, own: str, unit: str) -> str:
    """``line`` with each level ``own`` at its beginning written as ``unit``."""
    levels = 0
    while own and line.startswith(own, levels * len(own)):
        levels += 1
    return unit * levels + line[levels * len(own) :]
