"""Punctuation of Chinese and Japanese keyboards in code, and what the code says once it is ASCII."""

import ast
import builtins
import re
from typing import Final

from lintml.documents.errors import NOT_PYTHON

_FULL_WIDTH: Final = {
    chr(0xFF00 + offset): chr(0x20 + offset) for offset in range(0x01, 0x5F) if not chr(0x20 + offset).isalpha()
}
_ASCII: Final = {
    **_FULL_WIDTH,
    "\u3000": " ", "\u00a0": " ", "、": ",", "。": ".", "【": "[", "】": "]", "“": '"', "”": '"', "‘": "'", "’": "'",
}  # fmt: skip
_IN_ASCII: Final = str.maketrans(_ASCII)
# Quotes of a keyboard end where they meet any of their kind, on the same line: most type one and the same for both.
_TOKEN: Final = re.compile(
    r"""(?P<comment>[#＃][^\n]*)
    | (?P<string>"{3}(?:\\.|[^\\])*?"{3} | '{3}(?:\\.|[^\\])*?'{3}
        | "(?:\\[\s\S]|[^"\\\n])*" | '(?:\\[\s\S]|[^'\\\n])*'
        | [“”＂](?:\\[^\n]|[^“”＂"\\\n])*[“”＂] | [‘’＇](?:\\[^\n]|[^‘’＇'\\\n])*[‘’＇])
    | (?P<sign>["""
    + "".join(sign for sign in _ASCII if sign not in "“”‘’＂＇＃")
    + "])",
    re.VERBOSE | re.DOTALL,
)


def in_ascii(code: str) -> str:
    """Code with its punctuation in ASCII, as long as before; empty where it does not read as Python then.

    Strings and comments keep what they say. Prose may happen to parse, a list of words between commas, say, so whatever
    is changed must be part of a statement that is no prose.
    """
    if code.isascii():
        return ""
    written = list(code)
    changed: list[int] = []
    for found in _TOKEN.finditer(code):
        ends = {found.start(), found.end() - 1} if found.lastgroup == "string" else {found.start()}
        for at in ends:
            if (sign := _ASCII.get(code[at])) is not None:
                written[at] = sign
                if found.lastgroup != "comment":
                    changed.append(at)
    mended = "".join(written)
    if mended == code or _apart(mended) != _apart(code):
        return ""
    try:
        tree = ast.parse(mended)
    except NOT_PYTHON:
        return ""
    return mended if _is_code(tree, mended, changed) else ""


def _apart(code: str) -> list[tuple[int, int]]:
    """Where strings and comments stand."""
    return [found.span() for found in _TOKEN.finditer(code) if found.lastgroup != "sign"]


def _is_code(tree: ast.Module, code: str, changed: list[int]) -> bool:
    """Whether a tree was meant as a program, and all that was changed with it."""
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    if not any(_is_plainly_code(each) for each in statements):
        return False
    rows = {code.count("\n", 0, at) + 1 for at in changed}
    prose = (each for each in statements if not _is_plainly_code(each) and not _may_be_code(each))
    return not any(rows & {*range(each.lineno, (each.end_lineno or each.lineno) + 1)} for each in prose)


def _is_plainly_code(statement: ast.stmt) -> bool:
    """Whether a statement can be nothing else: not words that happen to stand like names, between commas or colons."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            return hasattr(builtins, name)
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
            return name.isascii()
        case ast.Expr(value=value):
            return isinstance(value, (ast.Await, ast.Yield, ast.YieldFrom))
        case ast.AnnAssign(value=None) | ast.Pass():
            return False
    return True


def _may_be_code(statement: ast.stmt) -> bool:
    """Whether a statement is code where others are: a call, which alone may be a word with a remark in brackets."""
    match statement:
        case ast.Pass():
            return True
        case ast.Expr(value=ast.Constant(value=value)):
            return not isinstance(value, str)
        case ast.Expr(value=ast.Call(func=called)):
            while isinstance(called, ast.Call):
                called = called.func
            return not isinstance(called, ast.Name) or called.id.isascii()
    return False
