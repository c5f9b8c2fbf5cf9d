"""What the document around a block says of it: headings, markers, tabs, frameworks, wrong on purpose, not to be run."""

import textwrap

import pytest

from lintml.documents import parse, rewrite
from lintml.model import Edit, Span


def snippets(text: str, path: str = "page.md", **options):
    return parse(textwrap.dedent(text), path, **options).snippets


def fence(code: str, info: str = "python") -> str:
    return f"\n\n```{info}\n{code}\n```\n\n"


def verbs(snippet) -> list[str]:
    return [marker.verb for marker in snippet.markers]


def test_headings_of_both_kinds_and_comments_that_are_none():
    text = (
        "# One\n"
        + fence("# not a heading\na = 1")
        + "Two *words*\n---\n"
        + fence("b = 1")
        + "### Three ###"
        + fence("c")
    )
    assert [snippet.heading for snippet in snippets(text)] == ["One", "Two words", "Three"]


def test_headings_of_restructuredtext():
    text = "Widths\n======\n\n>>> a\n\nDepths\n------\n\n.. code-block:: python\n\n   b\n"
    assert [snippet.heading for snippet in snippets(text, "page.rst")] == ["Widths", "Depths"]


def test_markers_before_a_fence_speak_for_it_alone():
    text = (
        "<!-- lintml: ignore[SHP001, wrong-case] as in the paper -->"
        + fence("a = 1")
        + "<!-- lintml: skip -->\n"
        + "```bash\nls\n```\n"
        + fence("b = 1")
    )
    first, second = snippets(text)
    [marker] = first.markers
    assert (marker.verb, marker.codes, marker.text, marker.row) == (
        "ignore",
        ("SHP001", "wrong-case"),
        "as in the paper",
        1,
    )
    assert second.markers == ()


def test_off_and_on():
    text = fence("a") + "<!-- lintml: off -->" + fence("b") + fence("c") + "<!-- lintml: on -->" + fence("d")
    assert [verbs(snippet) for snippet in snippets(text)] == [[], ["off"], ["off"], []]


@pytest.mark.parametrize(
    ("text", "path"),
    [("{/* lintml: skip */}" + fence("a"), "page.mdx"), (".. lintml: skip\n\n>>> a\n", "page.rst")],
)
def test_markers_in_the_comments_of_other_formats(text, path):
    [snippet] = snippets(text, path)
    assert verbs(snippet) == ["skip"]


def test_markers_in_code_are_those_in_comments():
    code = (
        'x = "# noqa"  # lintml: ignore[SHP001] why\ny = 1  # noqa: E501, shp002\nz = 2  # NOQA\n# lintml: file-ignore'
    )
    [snippet] = snippets(fence(code).lstrip())
    assert [(marker.verb, marker.codes, marker.text, marker.row) for marker in snippet.markers] == [
        ("ignore", ("SHP001",), "why", 2),
        ("noqa", ("E501", "SHP002"), "", 3),
        ("noqa", (), "", 4),
        ("file-ignore", (), "", 5),
    ]


def test_markers_that_name_more_than_codes():
    text = (
        "<!-- lintml: requires cuda -->\n<!-- lintml: try Net(4), (2, 4) -->\n<!-- lintml: setup import math -->"
        + fence("a")
    )
    [snippet] = snippets(text)
    assert [(marker.verb, marker.text) for marker in snippet.markers] == [
        ("requires", "cuda"),
        ("try", "Net(4), (2, 4)"),
        ("setup", "import math"),
    ]


def test_tabs_are_namespaces_and_know_each_other():
    text = """\
        ```python
        import torch
        ```

        === "With classes"

            ```python
            a = 1
            ```

        === "With functions"

            ```python
            b = 1
            ```

            ```python
            c = 1
            ```

        ```python
        shared = 1
        ```
        """
    found = snippets(text)
    assert [snippet.group for snippet in found] == ["", "with classes", "with functions", "with functions", ""]
    assert {snippet.alternatives for snippet in found if snippet.group} == {("with classes", "with functions")}
    assert found[0].alternatives == ()


def test_the_next_set_of_tabs_begins_where_a_label_comes_again():
    one, two = (f'=== "{label}"\n\n    ```python\n    a\n    ```\n\n' for label in ("A", "B"))
    three = '=== "C"\n\n    ```python\n    a\n    ```\n\n'
    found = snippets(one + two + one + three + "## Next\n\n" + two)
    assert [snippet.alternatives for snippet in found] == [("a", "b"), ("a", "b"), ("a", "c"), ("a", "c"), ("b",)]


@pytest.mark.parametrize(
    ("text", "path", "group"),
    [
        ("<hfoption id='pipeline'>" + fence("a") + "</hfoption>", "a.md", "pipeline"),
        ("<frameworkcontent>\n<pt>" + fence("a") + "</pt>", "a.md", "pytorch"),
        ('<TabItem value="x" label="Two GPUs">' + fence("a") + "</TabItem>", "a.mdx", "two gpus"),
        ('{% tab title="Small" %}' + fence("a") + "{% endtab %}", "a.md", "small"),
        ('{{< tab "Small" >}}' + fence("a") + "{{< /tab >}}", "a.md", "small"),
        (":::{tab-item} Small\n```python\na\n```\n:::\n", "a.md", "small"),
        ("````{tab-item} Small\n```python\na\n```\n````\n", "a.md", "small"),
        ("```python\n%%tab pytorch, jax\na\n```\n", "a.md", "pytorch"),
        ("```python\n#@tab all\na\n```\n", "a.md", ""),
        ("```python\n#@tab jax\na\n```\n", "a.md", "jax"),
        (".. tab:: Small\n\n   .. code-block:: python\n\n      a\n", "a.rst", "small"),
        (".. code-tab:: py Small\n\n   a\n", "a.rst", "small"),
        ("<hfoption id='x'>\n\n</hfoption>" + fence("a"), "a.md", ""),
    ],
)
def test_tabs_of_every_kind(text, path, group):
    [snippet] = snippets(text, path)
    assert snippet.group == group


def framework(snippet) -> str:
    return next((marker.text for marker in snippet.markers if marker.verb == "framework"), "")


@pytest.mark.parametrize(
    ("text", "frameworks"),
    [
        (fence("import tensorflow as tf") + fence("import torch"), ["tensorflow", ""]),
        (fence("import paddle.nn as nn") + fence("nn.Conv2D(1, 2, 3)"), ["paddle", "paddle"]),
        (fence("import torch.nn as nn") + "Not paddle:" + fence("nn.Conv2d(1, 2, 3)"), ["", ""]),
        (fence("from mxnet.gluon import nn, Trainer as T") + fence("T(1)"), ["mxnet", "mxnet"]),
        (fence("import jax, torch"), [""]),
        ("## TensorFlow" + fence("layer(3)") + "## PyTorch" + fence("layer(3)"), ["tensorflow", ""]),
        ("PaddlePaddle has wide layers." + fence("nn.Conv2D(1, 2, 3)"), ["paddle"]),
        ("PaddlePaddle differs from PyTorch." + fence("nn.Conv2D(1, 2, 3)"), [""]),
        (fence("%%tab pytorch\nnn.Linear(1, 2)") + fence("%%tab mxnet\nnn.Dense(2)"), ["", "mxnet"]),
        (fence("#@tab mxnet, pytorch\nnn.Linear(1, 2)") + "jax", [""]),
        (fence("from d2l import jax as d2l") + fence("d2l.plot(x)"), ["jax", "jax"]),
        ("Not PyTorch:" + fence("import tensorflow as tf") + fence("tf.keras.layers.Dense(2)") + fence("x = 1"), ["tensorflow", "tensorflow", ""]),
        (fence("nn.Conv2D(1, 2, 3)"), [""]),
    ],
)  # fmt: skip
def test_the_framework_of_a_block(text, frameworks):
    assert [framework(snippet) for snippet in snippets(text)] == frameworks


@pytest.mark.parametrize(
    "text",
    [
        fence("# WRONG\nx = f(1)"),
        fence("# ❌ loses the gradient\nx = f(1)"),
        fence("# Bad: too wide\nx = f(1)"),
        fence("# Don't do this!\nx = f(1)"),
        fence("# This is wrong\nx = f(1)"),
        fence("# 错误示例\nx = f(1)"),
        "### Wrong way" + fence("x = f(1)"),
        "## ❌ The naive loop" + fence("x = f(1)"),
        "## 错误写法" + fence("x = f(1)"),
        "Look.\n\n**Bad:**" + fence("x = f(1)"),
        "Whatever you do, mind. Don't do this:" + fence("x = f(1)"),
        "The following raises a RuntimeError:" + fence("x = f(1)"),
        "This will not work:" + fence("x = f(1)"),
        "下面是错误的写法：" + fence("x = f(1)"),
        "❌ Never again" + fence("x = f(1)"),
        fence("x = f(1)", "python wrong"),
        fence(":tags: [raises-exception]\nx = f(1)", "{code-cell}"),
        fence("#| error: true\nx = f(1)", "{python}"),
        fence("# NBVAL_RAISES_EXCEPTION\nx = f(1)"),
    ],
)
def test_a_block_that_is_wrong_on_purpose(text):
    [snippet] = snippets(text)
    assert verbs(snippet) == ["wrong"]


@pytest.mark.parametrize(
    "text",
    [
        fence("# Badge of the model\nx = f(1)"),
        fence("# wrongly labelled examples are dropped\nx = f(1)"),
        fence('x = "# WRONG"'),
        fence('x = f("a # WRONG: b")'),
        fence('x = f("""\n# Bad\n""")'),
        fence("x = f('#❌')  # nothing to see"),
        "## Bad minima and how to leave them" + fence("x = f(1)"),
        "## 常见错误" + fence("x = f(1)"),
        "## 错误处理" + fence("x = f(1)"),
        "Nothing is wrong with this layer:" + fence("x = f(1)"),
        "If this fails, lower the rate:" + fence("x = f(1)"),
        "The following raises the learning rate:" + fence("x = f(1)"),
        "Don't do this.\n\nDo this instead:" + fence("x = f(1)"),
        "# Wrong\n\n# Right" + fence("x = f(1)"),
        fence("x = f(1)  # avoid the wrong shape later"),
    ],
)
def test_a_block_that_is_not(text):
    [snippet] = snippets(text)
    assert verbs(snippet) == []


@pytest.mark.parametrize(
    ("code", "rows"),
    [
        ("x = 1\n# wrong\ny = f(x)\n# right\ny = g(x)", [(4, 5)]),
        ("x = 1\ny = f(x)  # RuntimeError: no\nz = 1", [(4, 4)]),
        ("# Bad\na = 1\n# Good\nb = 1\n# Bad\nc = 1\n# Good\nd = 1", [(3, 4), (7, 8)]),
        ("x = 1\n# ❌\ny = f(x)", [(4, 5)]),
        ("x = f('#')  # wrong\nz = 1", [(3, 3)]),
        (">>> x = 1\n>>> f(\n...     x)\nTraceback (most recent call last):\n    ...\nValueError\n>>> x", [(4, 5)]),
    ],
)
def test_lines_that_are_wrong_on_purpose(code, rows):
    [snippet] = snippets(fence(code).replace("\n\n", "\n", 1))
    assert [(marker.row, int(marker.text)) for marker in snippet.markers if marker.verb == "wrong-lines"] == rows


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        (fence("a", "python notest"), "a.md", "notest"),
        (fence("a", "python,ignore"), "a.md", "ignore"),
        (fence("a", "{python, eval=FALSE}"), "a.Rmd", "eval=FALSE"),
        (fence("#| eval: false\na", "{python}"), "a.qmd", "eval: false"),
        (fence(":tags: [hide-input, skip-execution]\na", "{code-cell}"), "a.md", "skip-execution"),
        (fence("---\ntags: [raises-exception]\n---\na", "{code-cell}"), "a.md", "raises-exception"),
        (fence("# NBVAL_SKIP\na"), "a.md", "NBVAL_SKIP"),
        (fence(">>> f(a)  # doctest: +SKIP", "pycon"), "a.md", "+SKIP"),
        ("<!--pytest.mark.skip-->" + fence("a"), "a.md", "pytest.mark.skip"),
        ("<!--- skip: next -->" + fence("a"), "a.md", "skip: next"),
        ("{/* pmd-metadata: notest */}" + fence("a"), "a.mdx", "pmd-metadata: notest"),
        (fence("a"), "a.md", ""),
        (fence("a  # do not skip"), "a.md", ""),
        ("<!-- a note -->" + fence("a"), "a.md", ""),
    ],
)
def test_what_keeps_a_block_from_being_run(text, path, reason):
    [snippet] = snippets(text, path)
    assert snippet.execute == reason


SCRIPT = '''\
import torch


class Net:
    """A net.

    Example::

        >>> net = Net()
        >>> net(1)
        2

    ```python
    Net().eval()
    ```
    """

    def forward(self, x):
        r"""Goes \\forward.

        >>> Net().forward(1)
        """
        return x

    def back(self):
        """Goes back.

        >>> Net().back()  # \\\\o/
        """
'''


def test_docstrings_are_read_when_asked_for():
    assert len(snippets(SCRIPT, "net.py")) == 1
    module, *found = snippets(SCRIPT, "net.py", docstrings=True)
    assert module.text == SCRIPT
    assert [snippet.text for snippet in found] == [
        "\nnet = Net()\nnet(1)\n\n",
        "Net().eval()\n",
        "Net().forward(1)\n",
        "Net().back()  # \\\\o/\n",
    ]
    assert [bool(snippet.editable) for snippet in found] == [False, False, False, True]
    assert found[0].group == found[1].group != found[2].group
    assert [snippet.home[0].row for snippet in found] == [8, 14, 21, 28]
    assert [snippet.home[0].column for snippet in found] == [1, 5, 13, 13]


def test_a_docstring_can_be_edited_and_so_can_the_file():
    document = parse(SCRIPT, "net.py", docstrings=True)
    edits = [Edit(0, Span(0, 0), "import math\n"), Edit(2, Span(0, 0), "x = 1\n")]
    assert rewrite(document, edits) == "import math\n" + SCRIPT.replace("    Net().eval", "    x = 1\n    Net().eval")


def test_the_cells_of_a_gallery_script():
    text = (
        '"""T\n=\n"""\nimport torch\n\n# %%\n# Words.\nx = 1\n\nif x:\n    pass\n# %% more\n    y = 2\n\n'
        + "#" * 30
        + "\nz = 3"
    )
    found = snippets(text, "plot.py")
    assert [snippet.row for snippet in found] == [1, 6, 15]
    assert "".join(snippet.text for snippet in found) == text
    assert all(snippet.tree for snippet in found)
