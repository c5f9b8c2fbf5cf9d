"""Statements are inserted, replaced, removed and decorated among lines, semicolons, suites and comments."""

import ast
from collections.abc import Callable

import pytest
from test_rewriting import rewritten

from lintml.model import AddDecorator, Change, Insert, Remove, Replace
from lintml.rewriting import RewriteError

LOOP = "for v in q:\n    v()"


def named(tree: ast.Module, name: str) -> ast.stmt:
    """The statement that assigns to ``name``, or defines it, or is the call of it."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id)]) | ast.Expr(value=ast.Call(func=ast.Name(id))) if id == name:
                return node
            case ast.FunctionDef() | ast.ClassDef() if node.name == name:
                return node
    raise LookupError(name)


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        ("x = 1\n", "y = 2", "y = 2\nx = 1\n"),
        ("x = 1", "y = 2\nz = 3\n", "y = 2\nz = 3\nx = 1"),
        ("a = 0\n\nx = 1\n", "y = 2", "a = 0\n\ny = 2\nx = 1\n"),
        ("if a:\n  x = 1\n", LOOP, "if a:\n  for v in q:\n    v()\n  x = 1\n"),
        ("if a:\n\tx = 1\n", LOOP, "if a:\n\tfor v in q:\n\t\tv()\n\tx = 1\n"),
        ("if a:\n    # why\n    x = 1\n", "y = 2", "if a:\n    y = 2\n    # why\n    x = 1\n"),
        ("# the snippet\nx = 1\n", "y = 2", "# the snippet\ny = 2\nx = 1\n"),
        ("a = 0; x = 1  # one\n", "y = 2", "a = 0; y = 2; x = 1  # one\n"),
        ("a = 0; x = 1  # one\n", LOOP, "a = 0\nfor v in q:\n    v()\nx = 1  # one\n"),
        ("x = 1; a = 0\n", LOOP, "for v in q:\n    v()\nx = 1; a = 0\n"),
        ("if a: x = 1\n", "y = 2\nz = 3", "if a: y = 2; z = 3; x = 1\n"),
        ("if a: x = 1  # one\n", LOOP, "if a:\n    for v in q:\n        v()\n    x = 1  # one\n"),
        ("if a: b = 0; x = 1\n", LOOP, "if a:\n    b = 0\n    for v in q:\n        v()\n    x = 1\n"),
        ("if a: \\\n  x = 1\n", LOOP, "if a:\n    for v in q:\n        v()\n    x = 1\n"),
        ("def f(a,\n      b): x = 1\n", LOOP, "def f(a,\n      b):\n    for v in q:\n        v()\n    x = 1\n"),
        ("x = 1\n", "y = '''a\n  b'''", "y = '''a\n  b'''\nx = 1\n"),
        ("if a:\n    x = 1\n", "y = '''a\n  b'''", "if a:\n    y = '''a\n  b'''\n    x = 1\n"),
        ("if a:\n    x = 1\n", "y = f'''a\n{b}'''", "if a:\n    y = f'''a\n{b}'''\n    x = 1\n"),
        ("if a:\n    x = 1\n", "y = ('a'\n     'b')", "if a:\n    y = ('a'\n         'b')\n    x = 1\n"),
        ("if a:\n    x = 1\n", "    y = 2\n    z = 3\n", "if a:\n    y = 2\n    z = 3\n    x = 1\n"),
        (
            "match a:\n    case 1: x = 1\n",
            LOOP,
            "match a:\n    case 1:\n        for v in q:\n            v()\n        x = 1\n",
        ),
    ],
)
def test_statements_come_before_another(text: str, new: str, expected: str) -> None:
    assert rewritten(text, lambda tree: Insert(named(tree, "x"), new)) == expected


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        ("x = 1\n", "y = 2", "x = 1\ny = 2\n"),
        ("x = 1", "y = 2", "x = 1\ny = 2"),
        ("x = 1  # one\na = 0\n", "y = 2", "x = 1  # one\ny = 2\na = 0\n"),
        ("x = 1; a = 0\n", "y = 2", "x = 1; y = 2; a = 0\n"),
        ("x = 1; a = 0\n", LOOP, "x = 1\nfor v in q:\n    v()\na = 0\n"),
        ("a = 0; x = 1;  # one\n", LOOP, "a = 0; x = 1;  # one\nfor v in q:\n    v()\n"),
        ("if a: x = 1  # one\nelse: b = 0\n", "y = 2", "if a: x = 1; y = 2  # one\nelse: b = 0\n"),
        ("if a: x = 1  # one\n", LOOP, "if a:\n    x = 1  # one\n    for v in q:\n        v()\n"),
        ("if a: x = 1; b = 0\n", LOOP, "if a:\n    x = 1\n    for v in q:\n        v()\n    b = 0\n"),
        ("x = f(\n    1,\n)\n", "y = 2", "x = f(\n    1,\n)\ny = 2\n"),
        ("def x():\n    a\n    # end\n\nb = 0\n", "x()", "def x():\n    a\n    # end\n\n\nx()\n\nb = 0\n"),
        ("if a:\n    x = 1\n\nb = 0\n", "y = 2", "if a:\n    x = 1\n    y = 2\n\nb = 0\n"),
    ],
)
def test_statements_come_after_another(text: str, new: str, expected: str) -> None:
    assert rewritten(text, lambda tree: Insert(named(tree, "x"), new, after=True)) == expected


METHOD = "def h(self):\n    return 3"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (False, "class A:\n  def h(self):\n    return 3\n\n  def x(self):\n    pass\n\n  def g(self):\n    pass\n"),
        (True, "class A:\n  def x(self):\n    pass\n\n  def h(self):\n    return 3\n\n  def g(self):\n    pass\n"),
    ],
)
def test_definitions_are_parted_as_the_others_are(after: bool, expected: str) -> None:
    text = "class A:\n  def x(self):\n    pass\n\n  def g(self):\n    pass\n"
    assert rewritten(text, lambda tree: Insert(named(tree, "x"), METHOD, after)) == expected


def test_blank_lines_around_definitions_follow_the_snippet() -> None:
    text = "def f():\n    pass\n\ndef x():\n    pass\n"
    assert rewritten(text, lambda tree: Insert(named(tree, "x"), "def h(): pass")) == (
        "def f():\n    pass\n\ndef h(): pass\n\ndef x():\n    pass\n"
    )
    assert rewritten("a = 0\nx = 1\nb = 2\n", lambda tree: Insert(named(tree, "x"), "def h(): pass", after=True)) == (
        "a = 0\nx = 1\n\n\ndef h(): pass\n\n\nb = 2\n"
    )


def test_what_comes_before_a_decorated_function_comes_before_its_decorators() -> None:
    text = "class A:\n    @one\n    @two\n    def x(self): pass\n"
    assert rewritten(text, lambda tree: Insert(named(tree, "x"), "y = 2")) == text.replace(
        "    @one", "    y = 2\n\n    @one"
    )


@pytest.mark.parametrize(
    ("text", "new", "expected"),
    [
        ("x = 1  # one\n", "y = 2\nz = 3", "y = 2\nz = 3  # one\n"),
        ("if a:\n\tx = 1\n", LOOP, "if a:\n\tfor v in q:\n\t\tv()\n"),
        ("a = 0; x = 1; b = 2\n", "y = 2\nz = 3", "a = 0; y = 2; z = 3; b = 2\n"),
        ("a = 0; x = 1; b = 2\n", LOOP, "a = 0\nfor v in q:\n    v()\nb = 2\n"),
        ("if a: x = 1; b = 2\n", LOOP, "if a:\n    for v in q:\n        v()\n    b = 2\n"),
        ("if a: b = 2; x = 1\n", LOOP, "if a:\n    b = 2\n    for v in q:\n        v()\n"),
        ("if a: x = 1\n", "y = 2  # two\n", "if a:\n    y = 2  # two\n"),
        (
            "class A:\n    @d\n    def x(self):\n        pass\n",
            METHOD,
            "class A:\n    def h(self):\n        return 3\n",
        ),
    ],
)
def test_statements_take_the_place_of_another(text: str, new: str, expected: str) -> None:
    assert rewritten(text, lambda tree: Replace(named(tree, "x"), new)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\n", ""),
        ("x = 1", ""),
        ("a = 0\nx = 1", "a = 0"),
        ("a = 0\nx = 1  # one\nb = 2\n", "a = 0\nb = 2\n"),
        ("a = 0\nx = f(\n    1,\n)\nb = 2\n", "a = 0\nb = 2\n"),
        ("a = 0\n# about x\nx = 1\nb = 2\n", "a = 0\n# about x\nb = 2\n"),
        ("a = 0\n\nx = 1\n\nb = 2\n", "a = 0\n\nb = 2\n"),
        ("a = 0\n\nx = 1\n\n\nb = 2\n", "a = 0\n\n\nb = 2\n"),
        ("a = 0\n\n\nx = 1\n", "a = 0\n"),
        ("x = 1\n\nb = 2\n", "b = 2\n"),
        ("a = 0; x = 1; b = 2  # one\n", "a = 0; b = 2  # one\n"),
        ("x = 1; b = 2\n", "b = 2\n"),
        ("a = 0; x = 1;  # one\n", "a = 0;  # one\n"),
        ("if a:\n    x = 1  # one\n", "if a:\n    pass  # one\n"),
        ("if a: x = 1  # one\nelse: b = 2\n", "if a: pass  # one\nelse: b = 2\n"),
        ("if a: x = 1; b = 2\n", "if a: b = 2\n"),
        ("if a:\n    b = 2\n    x = 1\n", "if a:\n    b = 2\n"),
        ("class A:\n    @d\n    def x(self): pass\n", "class A:\n    pass\n"),
        (
            "class A:\n    a = 0\n\n    @d\n    # why\n    def x(self):\n        pass\n\nb = 2\n",
            "class A:\n    a = 0\n\nb = 2\n",
        ),
        ("try: x = 1\nexcept E: b = 2\n", "try: pass\nexcept E: b = 2\n"),
    ],
)
def test_a_statement_goes_with_its_line(text: str, expected: str) -> None:
    assert rewritten(text, lambda tree: Remove(named(tree, "x"))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1; y = 2; a = 0\n", "a = 0\n"),
        ("a = 0; x = 1; y = 2\n", "a = 0\n"),
        ("x = 1; a = 0; y = 2\n", "a = 0\n"),
        ("if a: x = 1; y = 2\n", "if a: pass\n"),
        ("if a:\n    x = 1\n    y = 2\nb = 0\n", "if a:\n    pass\nb = 0\n"),
        ("if a:\n    x = 1; y = 2\n", "if a:\n    pass\n"),
        ("x = 1\ny = 2\n", ""),
        ("a = 0\nx = 1\ny = 2", "a = 0"),
        ("a = 0\n\nx = 1\n\n\ny = 2\n\nb = 1\n", "a = 0\n\nb = 1\n"),
        ("x = 1\n# between\ny = 2\n", "# between\n"),
        ("a = 0; x = 1  # one\ny = 2\n", "a = 0  # one\n"),
        ("x = 1\ny = 2; b = 0\n", "b = 0\n"),
    ],
)
def test_statements_go_together(text: str, expected: str) -> None:
    assert rewritten(text, lambda tree: (Remove(named(tree, "y")), Remove(named(tree, "x")))) == expected


def test_a_block_that_is_filled_again_needs_no_pass() -> None:
    text = "def f():\n    x = 1\n\nb = 0\n"

    def swap(after: bool) -> Callable[[ast.Module], tuple[Change, ...]]:
        return lambda tree: (Remove(named(tree, "x")), Insert(named(tree, "x"), "y = 2", after))

    assert rewritten(text, swap(False)) == text.replace("x = 1", "y = 2")
    assert rewritten(text, swap(True)) == text.replace("x = 1", "y = 2")


@pytest.mark.parametrize("change", [lambda node: Insert(node, "y = 2"), Remove, lambda node: Replace(node, "y = 2")])
def test_an_elif_is_no_statement_of_its_own(change: Callable[[ast.stmt], Change]) -> None:
    def make(tree: ast.Module) -> Change:
        first = tree.body[0]
        assert isinstance(first, ast.If)
        return change(first.orelse[0])

    with pytest.raises(RewriteError, match="elif"):
        rewritten("if a: pass\nelif b: pass\n", make)
    assert rewritten("if a: pass\nelse:\n    if b: pass\n", make).startswith("if a: pass\nelse:\n    ")


def test_a_decorator_stands_right_above_what_it_decorates() -> None:
    text = "class A:\n\t@one  # a\n\t# b\n\tasync def f(self): pass\n"

    def decorate(tree: ast.Module) -> tuple[Change, ...]:
        function = next(node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef))
        return AddDecorator(function, "torch.no_grad()"), AddDecorator(function, "@two")

    assert rewritten(text, decorate) == text.replace("\tasync", "\t@torch.no_grad()\n\t@two\n\tasync")


def test_changes_of_one_fix_stand_beside_each_other() -> None:
    text = "def x():\n    return 1\n"

    def make(tree: ast.Module) -> tuple[Change, ...]:
        node = named(tree, "x")
        assert isinstance(node, ast.FunctionDef)
        return AddDecorator(node, "d"), Insert(node, "import d"), Insert(node.body[0], "a = 1"), Insert(node, "b = 2")

    assert rewritten(text, make) == "import d\n\n\nb = 2\n\n\n@d\ndef x():\n    a = 1\n    return 1\n"
