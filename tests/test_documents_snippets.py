"""From block to snippet: what is not Python is seen through, masked, or named as the reason."""

import pytest

from lintml.documents import DocumentError, locate, parse, rewrite, span_of
from lintml.model import Edit, Snippet, Span


def snippet(code: str, info: str = "python") -> Snippet:
    [found] = parse(f"```{info}\n{code}\n```\n", "page.md").snippets
    return found


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1\n"),
        ("!pip install torch", "pass\n"),
        ("if x:\n    !ls\n    y = 1", "if x:\n    pass\n    y = 1\n"),
        ("files = !ls\nx = 1", 'files = eval("None")\nx = 1\n'),
        ("out = %timeit -o f()", 'out = eval("None")\n'),
        ("%time y = f(x)", "y = f(x)\n"),
        ("%timeit -n 10 f(x)", "pass\n"),
        ("model.fit?", "pass\n"),
        ("?print", "pass\n"),
        ("torch.nn??\nx", "pass\nx\n"),
        ("!wget a \\\n  b\nx = 1", "pass\n\nx = 1\n"),
        ("%%time\nx = 1", "pass\nx = 1\n"),
        ("pip install torch\nx = 1", "pass\nx = 1\n"),
        ("python train.py --lr 1", "pass\n"),
        ('text = """\n%time\n!ls\n"""\n!ls', 'text = """\n%time\n!ls\n"""\npass\n'),
        ("print('%d'\n      % x)\n!ls", "print('%d'\n      % x)\npass\n"),
        ("x = 5 \\\n% 3\n!ls", "x = 5 \\\n% 3\npass\n"),
        ("x = '(' # (\n!ls", "x = '(' # (\npass\n"),
        ("x = 7 % 3\ny = a != b", "x = 7 % 3\ny = a != b\n"),
    ],
)
def test_magics(code, text):
    found = snippet(code)
    assert found.problem is None
    assert found.text == text


def test_code_behind_a_magic_keeps_its_place():
    found = snippet("!ls\n%time y = f(x)")
    [_, statement] = found.tree.body
    assert locate(found, span_of(found, statement)).column == len("%time ") + 1
    assert [line.masked for line in found.home] == [True, False]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("%%bash\nls", "cell magic %%bash"),
        ("%%writefile train.sh\nls", "cell magic %%writefile"),
        ("%%html\n<b>", "cell magic %%html"),
        ("Traceback (most recent call last):\n  File 'a', line 1\nValueError: no", "output"),
        ("- x = 1\n+ x = 2\n  y", "diff marks"),
        ("$ python train.py", "shell commands"),
        ("def f(x):\n    # your code here", "placeholder"),
        ("model = <your model>", "placeholder"),
        ("x = f(..., lr=???)", "placeholder"),
        ("print 'hello'", "Python 2"),
        ("x = = 1", "syntax error: invalid syntax"),
        ("x = f(a，b)", "syntax error: invalid character '，' (U+FF0C)"),
    ],
)
def test_reasons(code, reason):
    found = snippet(code)
    assert found.tree is None
    assert found.problem.reason == reason


def test_the_place_of_a_syntax_error_counts_from_one_in_the_block():
    problem = snippet("x = 1\ny = é = = 2").problem
    assert (problem.row, problem.column) == (2, 9)


def test_null_bytes_and_deep_nesting_are_problems_not_crashes():
    assert snippet("x = '\0'").tree is None
    assert snippet("(" * 10_000).tree is None
    assert snippet("-" * 100_000 + "1").tree is None or snippet("1").tree


def test_output_is_not_parsed():
    found = snippet("x = 1", info="python out")
    assert (found.tree, found.problem.reason) == (None, "output")


SESSION = """\
>>> import torch
>>> def f(x):
...     return x
...
>>> f(1)
1
>>> print('''a
... b''')
a
b"""


def test_a_session():
    found = snippet(SESSION)
    assert found.prompts
    assert found.text == "import torch\ndef f(x):\n    return x\n\nf(1)\n\nprint('''a\nb''')\n\n\n"
    assert [line.masked for line in found.home] == [False] * 5 + [True, False, False, True, True]
    assert locate(found, Span(0, 6)).column == 5


def test_a_session_whose_brackets_run_on_without_prompts():
    found = snippet(">>> x = f([1,\n           2])\n>>> x\n3")
    assert found.text == "x = f([1,\n           2])\nx\n\n"
    assert [line.masked for line in found.home] == [False, False, False, True]


def test_prompts_in_a_string_do_not_make_a_session():
    found = snippet('def f():\n    """\n    >>> f()\n    """\n    return = 1')
    assert not found.prompts
    assert found.problem.reason == "syntax error: invalid syntax"


def edited(code: str, *edits: Edit) -> str:
    return (
        rewrite(parse(f"```python\n{code}\n```\n", "page.md"), edits)
        .removeprefix("```python\n")
        .removesuffix("\n```\n")
    )


def test_new_lines_of_a_session_get_the_prompt_that_their_statement_needs():
    code = ">>> x = 1\n>>> f(x)\n1\n>>> @g\n... def h(): pass"
    at = snippet(code).text.index("f(x)")
    assert edited(code, Edit(0, Span(at, at), "if x:\n    y = 2\n")) == (
        ">>> x = 1\n>>> if x:\n...     y = 2\n>>> f(x)\n1\n>>> @g\n... def h(): pass"
    )
    assert edited(code, Edit(0, Span(0, 0), "import torch\n")) == ">>> import torch\n" + code
    assert edited(code, Edit(0, Span(at, at + 4), "f(\n  x\n)")) == code.replace(">>> f(x)", ">>> f(\n...   x\n... )")


@pytest.mark.parametrize(
    ("code", "span"),
    [
        (">>> f(x)\n12\n>>> y", (5, 5)),
        (">>> f(x)\n12\n>>> y", (2, 7)),
        ("!ls\nx = 1", (1, 2)),
        ("%time y = f(x)\nx = 1\n%time z", (10, 18)),
    ],
)
def test_what_is_not_python_cannot_be_edited(code, span):
    with pytest.raises(DocumentError):
        edited(code, Edit(0, Span(*span), "new"))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("%%time\nx = 1", "%%time\nimport torch\nx = 1"),
        ("!pip install torch\nx = 1", "!pip install torch\nimport torch\nx = 1"),
        ("%time y = 1", "import torch\n%time y = 1"),
    ],
)
def test_lines_above_a_magic_that_must_come_first_go_below_it(code, text):
    assert edited(code, Edit(0, Span(0, 0), "import torch\n")) == text


@pytest.mark.parametrize(
    ("code", "text", "column"),
    [
        ("    x = 1\n    y = 2", "x = 1\ny = 2\n", 5),
        ("\tx = 1\n\n\ty = 2", "x = 1\n\ny = 2\n", 2),
    ],
)
def test_a_block_indented_as_a_whole_is_read_and_written(code, text, column):
    found = snippet(code)
    assert found.text == text
    assert locate(found, Span(0, 1)).column == column
    indent = code[: column - 1]
    assert edited(code, Edit(0, Span(0, 0), "import torch\n")) == f"{indent}import torch\n{code}"


def test_an_edit_must_not_end_its_own_fence():
    with pytest.raises(DocumentError, match="begins or ends"):
        edited("x = 1", Edit(0, Span(0, 0), "```\n\n```python\n"))


@pytest.mark.parametrize("span", [(-1, 0), (0, 99), (3, 2)])
def test_an_edit_outside_its_snippet_is_refused(span):
    with pytest.raises(DocumentError, match="outside"):
        edited("x = 1", Edit(0, Span(*span), ""))


def test_half_a_tab_makes_a_block_report_only():
    document = parse("- a\n\n  ```python\n \tx = 1\n  ```\n", "page.md")
    [found] = document.snippets
    assert found.tree
    assert "tabs" in found.editable
    with pytest.raises(DocumentError, match="not editable: tabs"):
        rewrite(document, [Edit(0, Span(0, 1), "y")])


def test_lines_come_below_what_was_printed():
    end = len(snippet(">>> f(x)\n12").text)
    assert edited(">>> f(x)\n12", Edit(0, Span(end, end), "y\n")) == ">>> f(x)\n12\n>>> y"
    assert edited("x\n!ls -l", Edit(0, Span(6, 6), "\ny")) == "x\n!ls -l\ny"
