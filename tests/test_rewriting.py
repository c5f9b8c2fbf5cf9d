"""Changes to a syntax tree become minimal edits: expressions, names, and what is refused."""

import ast
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from lintml.model import (
    AddImport,
    Change,
    Claim,
    Edit,
    Fix,
    Insert,
    Line,
    Remove,
    Rename,
    Replace,
    SetArgument,
    SetBases,
    Snippet,
    Span,
)
from lintml.rewriting import RewriteError, apply, conflict, edits, merged


def snippet_of(text: str, masked: tuple[int, ...] = ()) -> Snippet:
    """A snippet as documents make it; ``masked`` are the numbers, from 0, of lines that the document has not."""
    home = tuple(Line(0, len(line), row, 1, row - 1 in masked) for row, line in enumerate(text.split("\n"), 1))
    return Snippet(0, text, home, ast.parse(text))


def edits_of(snippet: Snippet, *changes: Change) -> tuple[Edit, ...]:
    return edits(Fix("", changes, Claim.SAME), lambda _: snippet)


def rewritten(
    text: str, make: Callable[[ast.Module], Change | tuple[Change, ...]], masked: tuple[int, ...] = ()
) -> str:
    """``text`` after the changes that ``make`` gives for its tree."""
    snippet = snippet_of(text, masked)
    assert snippet.tree is not None
    changes = make(snippet.tree)
    return apply(text, edits_of(snippet, *(changes if isinstance(changes, tuple) else (changes,))))


def pick(tree: ast.AST, code: str) -> ast.AST:
    """The first node that unparses to ``code``, as ``ast.walk`` has them, after the module and its statements."""
    nodes = [node for node in ast.walk(tree) if not isinstance(node, ast.Module | ast.Expr)]
    return next(node for node in nodes if ast.unparse(node) == code)


def test_importing_the_room_loads_no_libcst() -> None:
    code = "import sys, lintml.rewriting, lintml.fixing; print([m for m in sys.modules if m.startswith('libcst')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("y = x * 2\n", "x", "a + b", "y = (a + b) * 2\n"),
        ("y = x + 2\n", "x", "a + b", "y = a + b + 2\n"),
        ("y = 2 - x\n", "x", "a - b", "y = 2 - (a - b)\n"),
        ("y = 2 - x\n", "x", "a * b", "y = 2 - a * b\n"),
        ("y = x ** 2\n", "x", "-a", "y = (-a) ** 2\n"),
        ("y = 2 ** x\n", "x", "-a", "y = 2 ** -a\n"),
        ("y = -x\n", "x", "a ** 2", "y = -a ** 2\n"),
        ("y = x.shape\n", "x", "a @ b", "y = (a @ b).shape\n"),
        ("y = x.real\n", "x", "1", "y = (1).real\n"),
        ("y = x[0]\n", "x", "await a", "y = (await a)[0]\n"),
        ("y = x(0)\n", "x", "lambda a: a", "y = (lambda a: a)(0)\n"),
        ("y = f(x)\n", "x", "lambda a: a", "y = f(lambda a: a)\n"),
        ("y = f(x)\n", "x", "a, b", "y = f((a, b))\n"),
        ("y = f(x)\n", "x", "(a, b)", "y = f((a, b))\n"),
        ("y = x\n", "x", "a, b", "y = a, b\n"),
        ("y = q[x]\n", "x", "a, b", "y = q[a, b]\n"),
        ("y = q[0, x]\n", "x", "a, b", "y = q[0, (a, b)]\n"),
        ("y = x if c else d\n", "x", "a if b else c", "y = (a if b else c) if c else d\n"),
        ("y = d if c else x\n", "x", "a if b else c", "y = d if c else a if b else c\n"),
        ("y = [v for v in x]\n", "x", "a if b else c", "y = [v for v in (a if b else c)]\n"),
        ("y = [v for v in x]\n", "x", "a or b", "y = [v for v in a or b]\n"),
        ("y = x < 3\n", "x", "a < b", "y = (a < b) < 3\n"),
        ("y = not x\n", "x", "a in b", "y = not a in b\n"),
        ("y = not x\n", "x", "a or b", "y = not (a or b)\n"),
        ("y = x and b\n", "x", "a or b", "y = (a or b) and b\n"),
        ("if x: pass\n", "x", "a := b", "if a := b: pass\n"),
        ("assert x\n", "x", "a := b", "assert (a := b)\n"),
        ("f(*x)\n", "x", "a or b", "f(*(a or b))\n"),
        ("z = {**x}\n", "x", "a or b", "z = {**(a or b)}\n"),
        ("y = x\n", "x", "yield", "y = yield\n"),
        ("return_ = f(x)\n", "x", "yield", "return_ = f((yield))\n"),
        ("y = x\n", "x", "(v for v in q)", "y = (v for v in q)\n"),
        ("y = x\n", "x", "v for v in q", "y = (v for v in q)\n"),
        ("y = x\n", "x", "a +\nb", "y = (a +\nb)\n"),
        ("y = x\n", "x", "f(\n    a,\n)", "y = f(\n    a,\n)\n"),
        ("if c:\n    y = x\n", "x", "f(\n    a,\n)", "if c:\n    y = f(\n        a,\n    )\n"),
        ("if c:\n    y = x\n", "x", "'''a\nb'''", "if c:\n    y = '''a\nb'''\n"),
    ],
)
def test_a_replaced_expression_gets_the_parentheses_that_its_place_asks_for(
    text: str, old: str, new: str, expected: str
) -> None:
    assert rewritten(text, lambda tree: Replace(pick(tree, old), new)) == expected


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("y = (x) * 2\n", "x", "a + b", "y = (a + b) * 2\n"),
        ("y = (x) * 2\n", "x", "(a + b)", "y = (a + b) * 2\n"),
        ("y = ( x ) * 2\n", "x", "a + b", "y = ( a + b ) * 2\n"),
        ("y = (x).T\n", "x", "a, b", "y = (a, b).T\n"),
        ("y = (a + b).T\n", "a + b", "c", "y = c.T\n"),
        ("y = (a + b) * 2\n", "a + b", "(c - d)", "y = (c - d) * 2\n"),
        ("y = ((a + b)) * 2\n", "a + b", "c", "y = ((c)) * 2\n"),
        ("y = (a + b)\n", "a + b", "c", "y = (c)\n"),
        ("y = (  # why\n    a + b).T\n", "a + b", "c", "y = (  # why\n    c).T\n"),
        ("y = (\n    a\n    + b\n).T\n", "a + b", "c", "y = c.T\n"),
        ("y = not(a or b)\n", "a or b", "c", "y = not c\n"),
        ("y = (a, b)\n", "(a, b)", "c", "y = c\n"),
        ("y = ((a, b))\n", "(a, b)", "c, d", "y = (c, d)\n"),
        ("y = f(v for v in q)\n", "(v for v in q)", "z", "y = f(z)\n"),
        ("y = f((v for v in q))\n", "(v for v in q)", "z", "y = f(z)\n"),
    ],
)
def test_parentheses_that_are_there_serve_and_those_only_the_old_needed_go(
    text: str, old: str, new: str, expected: str
) -> None:
    assert rewritten(text, lambda tree: Replace(pick(tree, old), new)) == expected


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("y = [1]if x else 2\n", "[1]", "a", "y = a if x else 2\n"),
        ("y = 1 if[x]else 2\n", "[x]", "c", "y = 1 if c else 2\n"),
        ("ж = 'ы' + x  # ю\n", "x", "щ", "ж = 'ы' + щ  # ю\n"),
        ("y = a + \\\n    x\n", "x", "b", "y = a + \\\n    b\n"),
        ("f(q[1:2])\n", "1:2", "2:3", "f(q[2:3])\n"),
        ("f(*a)\n", "*a", "*b", "f(*b)\n"),
        ("y = '日本' 'x' f'{a}'\n", "a", "b", "y = '日本' 'x' f'{b}'\n"),
        ("y = f'{a}'\n", "a", "{1}", "y = f'{({1})}'\n"),
        ("y = f'{a}'\n", "a", "lambda: 0", "y = f'{(lambda: 0)}'\n"),
        ("y = f'''й {a} {b}\n{a + 1:>{c}}'''\n", "a + 1", "z", "y = f'''й {a} {b}\n{z:>{c}}'''\n"),
        ("from torch.nn import Conv2D\n", "Conv2D", "Conv2d as C", "from torch.nn import Conv2d as C\n"),
    ],
)
def test_only_the_span_of_the_node_changes(text: str, old: str, new: str, expected: str) -> None:
    assert rewritten(text, lambda tree: Replace(pick(tree, old), new)) == expected


@pytest.mark.parametrize(
    ("text", "old", "expected"),
    [
        ("損失 = 1\n", "損失", "new = 1\n"),
        ("ﬁt = 1\n", "fit", "new = 1\n"),  # an identifier that Python folds to another spelling
        ("a . \\\n b = 1\n", "a.b", "a . \\\n new = 1\n"),
        ("f(\n  ключ = 1)\n", "ключ=1", "f(\n  new = 1)\n"),
        ("def  f (x): pass\n", "def f(x):\n    pass", "def  new (x): pass\n"),
        ("@d\nasync  def \\\n  f(): pass\n", "@d\nasync def f():\n    pass", "@d\nasync  def \\\n  new(): pass\n"),
        ("class 类(B): pass\n", "class 类(B):\n    pass", "class new(B): pass\n"),
        ("def f(é: int = 1): pass\n", "é: int", "def f(new: int = 1): pass\n"),
        ("from m import Xs\n", "Xs", "from m import new\n"),
        ("try: pass\nexcept E as e: pass\n", "except E as e:\n    pass", "try: pass\nexcept E as new: pass\n"),
    ],
)
def test_a_rename_changes_the_one_identifier(text: str, old: str, expected: str) -> None:
    def find(tree: ast.Module) -> ast.AST:
        return next(n for n in ast.walk(tree) if not isinstance(n, ast.Module) and ast.unparse(n).strip() == old)

    assert rewritten(text, lambda tree: Rename(find(tree), "new")) == expected


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda tree: Replace(pick(tree, "f(x)"), "a b"), "does not parse"),
        (lambda tree: Replace(pick(tree, "f(x)"), "a = b"), "does not parse"),
        (lambda tree: Replace(pick(tree, "f(x)"), ""), "is empty"),
        (lambda tree: Replace(ast.Name("x"), "y"), "no place of its own"),
        (lambda tree: Replace(ast.arguments(), "y"), "no place of its own"),
        (lambda tree: Rename(pick(tree, "f(x)"), "y"), "no single name"),
        (lambda tree: Rename(pick(tree, "x"), "a b"), "no identifier"),
        (lambda tree: (Replace(pick(tree, "f(x)"), "y"), Rename(pick(tree, "x"), "z")), "same text"),
        (lambda tree: SetArgument(pick(tree, "f(x)"), "1", position=3), "at position 3"),
        (lambda tree: Insert(tree.body[0], "if:"), "does not parse"),
        (lambda tree: Insert(tree.body[0], "# nothing"), "no statement"),
        (lambda tree: AddImport(tree.body[0], "x = 1"), "not an import"),
        (lambda tree: Replace(pick(tree, "y"), "1"), "would not parse"),
    ],
)
def test_what_cannot_be_carried_out_is_refused_with_a_reason(make: Callable[[ast.Module], Change], why: str) -> None:
    with pytest.raises(RewriteError, match=why):
        rewritten("y = f(x)\n", make)


def test_a_snippet_that_may_not_be_written_is_refused_with_its_reason() -> None:
    snippet = replace(snippet_of("x = 1\n"), editable="tabs that the quote has swallowed")
    assert snippet.tree is not None
    with pytest.raises(RewriteError, match="swallowed"):
        edits_of(snippet, Remove(snippet.tree.body[0]))


def test_a_line_that_the_document_does_not_have_is_not_edited() -> None:
    text = "x = eval('None')\ny = x\n"
    with pytest.raises(RewriteError, match="line 1"):
        rewritten(text, lambda tree: Rename(pick(tree, "x"), "z"), masked=(0,))
    assert rewritten(text, lambda tree: Insert(tree.body[1], "z = 1"), masked=(0,)) == text.replace("y", "z = 1\ny")
    assert rewritten(text, lambda tree: Remove(tree.body[1]), masked=(0,)) == "x = eval('None')\n\n"


def test_the_changes_of_a_fix_may_lie_in_several_snippets() -> None:
    first, second = snippet_of("class A(B): pass\n"), replace(snippet_of("A(x)\n"), index=1)
    assert first.tree is not None
    assert second.tree is not None
    base, call = first.tree.body[0], pick(second.tree, "A(x)")
    assert isinstance(base, ast.ClassDef)
    assert isinstance(call, ast.Call)
    fix = Fix("", (SetBases(base, ()), SetArgument(call, "1", "k")), Claim.SAME)
    made = edits(fix, lambda node: first if node is base else second)
    assert [(edit.snippet, edit.text) for edit in made] == [(0, ""), (1, ", k=1")]


def test_a_change_that_changes_nothing_gives_no_edit() -> None:
    snippet = snippet_of("import torch\nf(a=1)\n")
    assert snippet.tree is not None
    call = pick(snippet.tree, "f(a=1)")
    assert isinstance(call, ast.Call)
    assert edits_of(snippet, SetArgument(call, "1", "a"), AddImport(call, "import torch")) == ()


def edit(start: int, end: int, text: str, snippet: int = 0) -> Edit:
    return Edit(snippet, Span(start, end), text)


def test_edits_are_applied_whatever_their_order() -> None:
    assert apply("abcdef", [edit(4, 5, "E"), edit(0, 1, ""), edit(2, 2, "+"), edit(2, 3, "C")]) == "b+CdEf"


def test_edits_that_overlap_are_not_applied() -> None:
    with pytest.raises(ValueError, match="overlap at 2"):
        apply("abcdef", [edit(0, 3, ""), edit(2, 4, "")])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (edit(0, 3, ""), edit(2, 4, ""), True),
        (edit(0, 3, ""), edit(0, 3, ""), True),
        (edit(0, 3, ""), edit(1, 1, "x"), True),
        (edit(0, 3, ""), edit(0, 0, "x"), False),
        (edit(0, 3, ""), edit(3, 3, "x"), False),
        (edit(0, 3, ""), edit(3, 4, ""), False),
        (edit(1, 1, "x"), edit(1, 1, "y"), False),
        (edit(0, 3, ""), edit(0, 3, "", snippet=1), False),
    ],
)
def test_two_edits_conflict_where_text_would_be_replaced_twice(one: Edit, other: Edit, expected: bool) -> None:
    assert conflict([one], [other]) is expected
    assert conflict([other], [one]) is expected


def test_insertions_at_one_place_are_imports_then_blank_lines_then_the_rest_once_each() -> None:
    texts = [
        "@d\n",
        "x = 1\n",
        "\n",
        "from a import b\n",
        "import torch.nn as nn\n",
        "import torch\n",
        "import torch\n",
    ]
    [whole] = merged(edit(0, 0, text) for text in texts)
    assert whole.text == "import torch\nimport torch.nn as nn\nfrom a import b\n\nx = 1\n@d\n"
