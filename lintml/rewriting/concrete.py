"""The concrete tree of one text: every bracket and comma of it, with its place in characters."""

from functools import lru_cache
from itertools import accumulate

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from lintml.model import Span
from lintml.rewriting.pieces import RewriteError


class Concrete:
    """A text's concrete tree, with its nodes found by the spans that ``ast`` gives theirs."""

    def __init__(self, text: str) -> None:
        try:
            module = cst.parse_module(text)
        except cst.ParserSyntaxError as error:
            raise RewriteError(f"libcst cannot parse the snippet: {error.message}") from None
        self._spans = MetadataWrapper(module, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)
        self._characters = None if text.isascii() else _characters(text)
        self._expressions: dict[tuple[int, int], cst.BaseExpression] = {}
        self._definitions: dict[int, cst.FunctionDef | cst.ClassDef] = {}
        for node in self._spans:
            match node:
                case cst.BaseExpression():
                    span = self.span_in_ast(node)
                    self._expressions[span.start, span.end] = node
                case cst.FunctionDef() | cst.ClassDef():
                    self._definitions[self.span(node).start] = node
        for node in self._spans:
            match node:
                case cst.Call(args=[cst.Arg(value=cst.GeneratorExp(lpar=[]) as generator)]):
                    # ``ast`` takes the brackets of such a call for the generator's own.
                    self._expressions[self.span(node.whitespace_after_func).end, self.span(node).end] = generator

    def expression(self, span: Span) -> cst.BaseExpression | None:
        """The expression that ``ast`` has at ``span``; a tuple of indices, a slice, ``*x`` are none here."""
        return self._expressions.get((span.start, span.end))

    def call(self, span: Span) -> cst.Call:
        node = self.expression(span)
        if not isinstance(node, cst.Call):
            raise RewriteError("the call was not found in the concrete tree")
        return node

    def definition(self, span: Span) -> cst.FunctionDef | cst.ClassDef:
        """The function or class whose ``def`` or ``class`` begins at the start of ``span``."""
        try:
            return self._definitions[span.start]
        except KeyError:
            raise RewriteError("the definition was not found in the concrete tree") from None

    def span(self, node: cst.CSTNode) -> Span:
        """Where ``node`` stands: without its parentheses, and commas with the white space that is theirs."""
        code = self._spans[node]
        start, end = code.start, code.start + code.length
        if self._characters is None:
            return Span(start, end)
        return Span(self._characters[start], self._characters[end])

    def span_in_ast(self, node: cst.BaseExpression) -> Span:
        """Where ``node`` stands with the parentheses that ``ast`` counts to it, those of a tuple or a generator."""
        if not _own_parentheses(node):
            return self.span(node)
        return Span(self.span(node.lpar[-1]).start, self.span(node.rpar[0]).end)

    def bracketed(self, node: cst.BaseExpression) -> Span:
        """Where ``node`` stands with all of its parentheses."""
        if not node.lpar:
            return self.span(node)
        return Span(self.span(node.lpar[0]).start, self.span(node.rpar[-1]).end)

    def parentheses(self, node: cst.BaseExpression) -> int:
        """How many pairs of parentheses stand around ``node`` that ``ast`` does not count to it."""
        return len(node.lpar) - _own_parentheses(node)


@lru_cache(maxsize=64)
def concrete(text: str) -> Concrete:
    """The concrete tree of ``text``, parsed once."""
    return Concrete(text)


def _own_parentheses(node: cst.BaseExpression) -> int:
    return 1 if isinstance(node, cst.Tuple | cst.GeneratorExp) and node.lpar else 0


def _characters(text: str) -> list[int]:
    """The offset in characters of each byte of the UTF-8 that begins one, and of the end."""
    sizes = [len(character.encode()) for character in text]
    offsets = [0] * (sum(sizes) + 1)
    for index, byte in enumerate(accumulate(sizes, initial=0)):
        offsets[byte] = index
    return offsets
