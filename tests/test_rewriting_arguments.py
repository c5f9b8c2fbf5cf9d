"""Arguments, parameters and bases are set, added and removed in the layout that is there."""

import ast

import pytest
from test_rewriting import rewritten

from lintml.model import AddParameter, RemoveArgument, SetArgument, SetBases
from lintml.rewriting import RewriteError


def call(tree: ast.Module) -> ast.Call:
    return next(node for node in ast.walk(tree) if isinstance(node, ast.Call))


def function(tree: ast.Module) -> ast.FunctionDef:
    return next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def definition(tree: ast.Module) -> ast.ClassDef:
    return next(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f()", "f(k=1)"),
        ("f( )", "f(k=1)"),
        ("f(\n)", "f(k=1)"),
        ("f(a)", "f(a, k=1)"),
        ("f (a)", "f (a, k=1)"),
        ("f((a))", "f((a), k=1)"),
        ("f(a,)", "f(a, k=1,)"),
        ("f(a, )", "f(a, k=1, )"),
        ("f(a, b = 2)", "f(a, b = 2, k = 1)"),
        ("f(*a)", "f(*a, k=1)"),
        ("f(**q)", "f(k=1, **q)"),
        ("f(a, **q)", "f(a, k=1, **q)"),
        ("f(**p, b=2)", "f(**p, b=2, k=1)"),
        ("f(b=2, *a)", "f(b=2, *a, k=1)"),
        ("f(v for v in q)", "f((v for v in q), k=1)"),
        ("f((v for v in q))", "f((v for v in q), k=1)"),
        ("f(g(a), h(b))", "f(g(a), h(b), k=1)"),
        ("f('é', \"日本\")", "f('é', \"日本\", k=1)"),
        ("f(\n    a\n)", "f(\n    a,\n    k=1\n)"),
        ("f(\n    a,\n)", "f(\n    a,\n    k=1,\n)"),
        ("f(\n\ta,\n\tb,\n)", "f(\n\ta,\n\tb,\n\tk=1,\n)"),
        ("f(\n    a, b,\n)", "f(\n    a, b, k=1,\n)"),
        ("f(a,\n  b)", "f(a,\n  b,\n  k=1)"),
        ("f(a,\n  **q)", "f(a, k=1,\n  **q)"),
        ("f(\n    a,\n    **q,\n)", "f(\n    a,\n    k=1,\n    **q,\n)"),
        ("f(\n    a,  # one\n)", "f(\n    a,  # one\n    k=1,\n)"),
        ("f(\n    a  # one\n)", "f(\n    a,  # one\n    k=1\n)"),
        ("f(\n    a,\n    # more?\n)", "f(\n    a,\n    k=1,\n    # more?\n)"),
        ("f(a  # one\n)", "f(a, k=1  # one\n)"),
        ("f(\n    # none\n)", "f(\n    # none\n    k=1,\n)"),
        ("f(  # none\n)", "f(  # none\n    k=1,\n)"),
        ("f(\n    a\n  , b\n)", "f(\n    a\n  , b, k=1\n)"),
        ("f(g(\n    a,\n))", "f(g(\n    a,\n), k=1)"),
        ("f(a)(b)", "f(a)(b, k=1)"),
        ("f(a \\\n  )", "f(a, k=1 \\\n  )"),
        ("f(lambda: 0)", "f(lambda: 0, k=1)"),
        ("@f(a)\ndef g(): pass\n", "@f(a, k=1)\ndef g(): pass\n"),
        ("x = 1; f(a); y = 2  # z\n", "x = 1; f(a, k=1); y = 2  # z\n"),
        ("class A: x = f(a)\n", "class A: x = f(a, k=1)\n"),
        ("if a:\n\tx = f(a) if (  # why\n\t\tb) else c\n", "if a:\n\tx = f(a, k=1) if (  # why\n\t\tb) else c\n"),
    ],
)
def test_a_keyword_is_appended_in_the_style_of_the_call(text: str, expected: str) -> None:
    assert rewritten(text, lambda tree: SetArgument(call(tree), "1", "k")) == expected


@pytest.mark.parametrize(
    ("text", "value", "keyword", "position", "expected"),
    [
        ("f(a, b)", "c", None, 1, "f(a, c)"),
        ("f(a, k=b)", "c", "k", None, "f(a, k=c)"),
        ("f(a, k=b)", "c", "k", 0, "f(a, k=c)"),
        ("f(a, b)", "c", "k", 1, "f(a, c)"),
        ("f(a, b)", "c", "k", 2, "f(a, b, k=c)"),
        ("f(a, b)", "c", None, 2, "f(a, b, c)"),
        ("f(a, k=b)", "c", None, 1, "f(a, c, k=b)"),
        ("f(k=b)", "c", None, 0, "f(c, k=b)"),
        ("f(\n    k=b,\n)", "c", None, 0, "f(\n    c,\n    k=b,\n)"),
        ("f(k=(b))", "c, d", "k", None, "f(k=(c, d))"),
        ("f(k=b)", "c, d", "k", None, "f(k=(c, d))"),
        ("f(k = b)", "lambda: 0", "k", None, "f(k = lambda: 0)"),
        ("f(v for v in q)", "c", None, 0, "f(c)"),
        ("f(a)", "c := 1", "k", None, "f(a, k=(c := 1))"),
    ],
)
def test_an_argument_that_is_there_takes_the_value(
    text: str, value: str, keyword: str | None, position: int | None, expected: str
) -> None:
    assert rewritten(text, lambda tree: SetArgument(call(tree), value, keyword, position)) == expected


def test_an_argument_hidden_behind_a_star_is_not_set() -> None:
    with pytest.raises(RewriteError, match="starred"):
        rewritten("f(*a)", lambda tree: SetArgument(call(tree), "1", "k", 1))


def test_several_arguments_are_appended_in_the_order_given() -> None:
    def both(tree: ast.Module) -> tuple[SetArgument, ...]:
        return (
            SetArgument(call(tree), "p", position=0),
            SetArgument(call(tree), "q", position=1),
            SetArgument(call(tree), "1", "k"),
            SetArgument(call(tree), "2", "m"),
        )

    assert rewritten("f()", both) == "f(p, q, k=1, m=2)"
    assert rewritten("f(a=3)", both) == "f(p, q, a=3, k=1, m=2)"
    assert rewritten("f(\n    **r,\n)", both) == "f(\n    p,\n    q,\n    k=1,\n    m=2,\n    **r,\n)"


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("f(a)", 0, "f()"),
        ("f( a, )", 0, "f()"),
        ("f(a, b, c)", 0, "f(b, c)"),
        ("f(a, b, c)", 1, "f(a, c)"),
        ("f(a, b, c)", 2, "f(a, b)"),
        ("f(a, b,)", 1, "f(a,)"),
        ("f(a, k=1)", 0, "f(k=1)"),
        ("f(v for v in q)", 0, "f()"),
        ("f(\n    a,\n    b,\n)", 0, "f(\n    b,\n)"),
        ("f(\n    a,\n    b,\n)", 1, "f(\n    a,\n)"),
        ("f(\n    a,\n    b\n)", 1, "f(\n    a\n)"),
        ("f(\n    a,  # one\n    b,  # two\n)", 0, "f(\n    b,  # two\n)"),
        ("f(\n    a,  # one\n    b  # two\n)", 1, "f(\n    a  # one\n)"),
        ("f(\n    # first\n    a,\n    # second\n    b,\n)", 0, "f(\n    # first\n    # second\n    b,\n)"),
        ("f(a,\n  b)", 1, "f(a)"),
        ("f(a,\n  b)", 0, "f(b)"),
        ("f(a,  # one\n  b)", 1, "f(a  # one\n  )"),
        ("f(a,  # one\n  b)", 0, "f(  # one\n  b)"),
        ("f(\n    a  # one\n)", 0, "f(\n      # one\n)"),
        ("f(\n    a\n  , b\n  , c\n)", 1, "f(\n    a\n  , c\n)"),
        ("f(\n    [\n        a,\n    ],\n    b,\n)", 0, "f(\n    b,\n)"),
    ],
)
def test_an_argument_goes_with_its_comma(text: str, position: int, expected: str) -> None:
    assert rewritten(text, lambda tree: RemoveArgument(call(tree), position=position)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(a, b, c)", "f(c)"),
        ("f(a, b)", "f()"),
        ("f(\n    a,\n    b,\n    c\n)", "f(\n    c\n)"),
        ("f(a, b,  # two\n  c)", "f(  # two\n  c)"),
    ],
)
def test_arguments_go_together(text: str, expected: str) -> None:
    def first_two(tree: ast.Module) -> tuple[RemoveArgument, ...]:
        return RemoveArgument(call(tree), position=0), RemoveArgument(call(tree), position=1)

    assert rewritten(text, first_two) == expected


@pytest.mark.parametrize(
    ("text", "gone", "expected"),
    [
        ("f(a)", 0, "f(k=1)"),
        ("f(a, b)", 1, "f(a, k=1)"),
        ("f(a, b)", 0, "f(b, k=1)"),
        ("f(a, b, **q)", 1, "f(a, k=1, **q)"),
        ("f(a, **q)", 0, "f(k=1, **q)"),
        ("f(\n    a,  # one\n    b,  # two\n)", 1, "f(\n    a,  # one\n    k=1,  # two\n)"),
        ("f(v for v in q)", 0, "f(k=1)"),
    ],
)
def test_an_argument_takes_the_place_of_one_that_goes(text: str, gone: int, expected: str) -> None:
    def swap(tree: ast.Module) -> tuple[RemoveArgument | SetArgument, ...]:
        return RemoveArgument(call(tree), position=gone), SetArgument(call(tree), "1", "k")

    assert rewritten(text, swap) == expected


def test_only_an_argument_that_is_there_can_go() -> None:
    with pytest.raises(RewriteError, match="'k'"):
        rewritten("f(a)", lambda tree: RemoveArgument(call(tree), "k"))
    assert rewritten("f(a, k=1)", lambda tree: RemoveArgument(call(tree), "k")) == "f(a)"


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ("()", "(k=0)"),
        ("( )", "(k=0)"),
        ("(self)", "(self, k=0)"),
        ("(self,)", "(self, k=0,)"),
        ("(self, *args)", "(self, k=0, *args)"),
        ("(self, *, a)", "(self, k=0, *, a)"),
        ("(*, a)", "(k=0, *, a)"),
        ("(*args, a=1, **rest)", "(k=0, *args, a=1, **rest)"),
        ("(self, **rest)", "(self, k=0, **rest)"),
        ("(a, /)", "(a, /, k=0)"),
        ("(a, /, *, b)", "(a, /, k=0, *, b)"),
        ("(a: int = 1) -> int", "(a: int = 1, k=0) -> int"),
        ("(a: 'é' = (1))", "(a: 'é' = (1), k=0)"),
        ("(\n    self,\n    a,\n)", "(\n    self,\n    a,\n    k=0,\n)"),
        ("(\n    self,\n    a=1  # one\n)", "(\n    self,\n    a=1,  # one\n    k=0\n)"),
        ("(self, a,\n      b)", "(self, a,\n      b,\n      k=0)"),
        ("(\n    self,\n    **rest,\n)", "(\n    self,\n    k=0,\n    **rest,\n)"),
    ],
)
def test_a_parameter_with_a_default_comes_after_the_ordinary_ones(signature: str, expected: str) -> None:
    text = f"class A:\n\tdef f{signature}: return 1  # one\n"
    assert rewritten(text, lambda tree: AddParameter(function(tree), "k=0")) == text.replace(signature, expected)


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ("(self)", "(self, k: int)"),
        ("(self, a=1)", "(self, k: int, a=1)"),
        ("(a=1)", "(k: int, a=1)"),
        ("(a, /, b=1)", "(a, /, k: int, b=1)"),
        ("(a, b=1, /)", "(a, k: int, b=1, /)"),
        ("(*args)", "(k: int, *args)"),
    ],
)
def test_a_parameter_without_a_default_comes_before_those_with_one(signature: str, expected: str) -> None:
    text = f"def f{signature}:\n    pass\n"
    assert rewritten(text, lambda tree: AddParameter(function(tree), "k: int")) == text.replace(signature, expected)


def test_parameters_are_added_in_the_order_given() -> None:
    def three(tree: ast.Module) -> tuple[AddParameter, ...]:
        return tuple(AddParameter(function(tree), text) for text in ("k=0", "m", "n=(1, 2)"))

    assert rewritten("def f(self, a=1): pass", three) == "def f(self, m, a=1, k=0, n=(1, 2)): pass"


@pytest.mark.parametrize(
    ("text", "why"), [("a=2", "already"), ("*k", "not one"), ("k, m", "not one"), ("k=", "not one")]
)
def test_what_is_no_new_parameter_is_refused(text: str, why: str) -> None:
    with pytest.raises(RewriteError, match=why):
        rewritten("def f(self, *, a=1): pass", lambda tree: AddParameter(function(tree), text))


@pytest.mark.parametrize(
    ("header", "bases", "expected"),
    [
        ("class A:", (), "class A:"),
        ("class A :", ("B",), "class A(B) :"),
        ("class A:", ("B", "C"), "class A(B, C):"),
        ("class A():", ("B",), "class A(B):"),
        ("class A():", (), "class A:"),
        ("class A (B):", (), "class A:"),
        ("class A(B):", ("C",), "class A(C):"),
        ("class A((B)):", ("C",), "class A((C)):"),
        ("class A(B, C):", ("B",), "class A(B):"),
        ("class A(B):", ("B", "C"), "class A(B, C):"),
        ("class A(metaclass=M):", ("B",), "class A(B, metaclass=M):"),
        ("class A(B, metaclass=M):", (), "class A(metaclass=M):"),
        ("class A(B, metaclass=M):", ("C", "D"), "class A(C, D, metaclass=M):"),
        ("class A(\n    B,  # one\n    C,  # two\n):", ("B", "D"), "class A(\n    B,  # one\n    D,  # two\n):"),
        ("class A(\n    B,\n    metaclass=M,\n):", (), "class A(\n    metaclass=M,\n):"),
    ],
)
def test_bases_are_set_and_keywords_stay(header: str, bases: tuple[str, ...], expected: str) -> None:
    text = f"@d\n{header} x = 1; y = 2  # one\n"
    assert rewritten(text, lambda tree: SetBases(definition(tree), bases)) == text.replace(header, expected)
