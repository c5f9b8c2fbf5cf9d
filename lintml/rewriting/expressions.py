"""An expression gives way to another, in the parentheses that its place asks for and no more."""

import ast

from lintml.model import Edit, Span
from lintml.rewriting.concrete import concrete
from lintml.rewriting.pieces import RewriteError, indented_after_first, parse_module
from lintml.rewriting.precedence import fits
from lintml.rewriting.source import Source

_CALL = ast.Call(func=ast.Name("_"), args=[], keywords=[])


def replace(source: Source, node: ast.expr, text: str) -> Edit:
    """``text`` in place of ``node``.

    Parentheses that stand around ``node`` serve the new expression too; they go where only the old one needed them.
    """
    span = source.span(node)
    text = text.strip()
    if text.startswith("*") or isinstance(node, ast.Slice | ast.Starred):
        _parse_within("[{}]" if text.startswith("*") else "_[{}]", text)
        return _edit(source, span, text)
    parent, field = source.parent(node)
    new = Expression(text)
    tree = concrete(source.text)
    old = tree.expression(span)
    if old is None or not tree.parentheses(old):
        return _edit(source, tree.span_in_ast(old) if old else span, new.standing_in(parent, field))
    around = tree.bracketed(old)
    needed = tree.parentheses(old) > 1 or fits(node, parent, field) or not new.stands_alone_in(parent, field)
    if needed or not _nothing_between(source.text, around, span):
        return _edit(source, span, new.bare)
    return _edit(source, around, new.bare)


def argument(text: str) -> str:
    """``text`` as it may stand between the commas of a call, a signature or a list of base classes."""
    text = text.strip()
    if text.startswith("*"):
        _parse_within("_({})", text)
        return text
    return Expression(text).standing_in(_CALL, "args")


class Expression:
    """An expression as a change gives it: ``bare`` without the parentheses that are not its own."""

    def __init__(self, text: str) -> None:
        if not text:
            raise RewriteError("the new expression is empty")
        wrapped = f"(\n{text}\n)"
        match _parse_within("(\n{}\n)", text).body:
            case [ast.Expr(value)]:
                self._node = value
            case _:
                raise RewriteError(f"the new text {text!r} is no expression")
        # A tuple or a generator without brackets takes those of the wrapping for its own.
        in_brackets = self._node.lineno > 1
        self._brings_brackets = in_brackets and isinstance(self._node, ast.Tuple | ast.GeneratorExp)
        self._text = text
        self.bare = (ast.get_source_segment(wrapped, self._node) or text) if in_brackets else text

    def stands_alone_in(self, parent: ast.AST, field: str) -> bool:
        """Whether the bare text may stand in ``field`` of ``parent``."""
        if self._brings_brackets:
            return True
        if isinstance(self._node, ast.GeneratorExp) or ("\n" in self.bare and not _is_whole(self.bare)):
            return False
        if isinstance(parent, ast.FormattedValue) and self.bare.startswith("{"):
            return False  # two opening braces stand for one that is printed
        return fits(self._node, parent, field)

    def standing_in(self, parent: ast.AST, field: str) -> str:
        """The text, in parentheses where ``field`` of ``parent`` asks for them and it has none."""
        has_brackets = self._brings_brackets or (self.bare != self._text and self._text.startswith("("))
        return self._text if has_brackets or self.stands_alone_in(parent, field) else f"({self.bare})"


def _edit(source: Source, span: Span, text: str) -> Edit:
    """``text`` over ``span``, its lines indented, and apart from the words beside it."""
    text = indented_after_first(text, source.indent(source.line(span.start)))
    before, after = source.text[: span.start][-1:], source.text[span.end :][:1]
    if _in_word(before) and (_in_word(text[0]) or text[0] in "\"'"):
        text = " " + text
    if _in_word(text[-1]) and _in_word(after):
        text += " "
    return source.edit(span.start, span.end, text)


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _nothing_between(text: str, around: Span, span: Span) -> bool:
    """Whether the parentheses hold ``span`` and no comment."""
    return text[around.start : span.start].strip() == "(" and text[span.end : around.end].strip() == ")"


def _is_whole(text: str) -> bool:
    try:
        parse_module(text)
    except SyntaxError:
        return False
    return True


def _parse_within(frame: str, text: str) -> ast.Module:
    try:
        return parse_module(frame.format(text))
    except SyntaxError as error:
        raise RewriteError(f"the new text {text!r} does not parse: {error.msg}") from None
