"""Names of a page: what is bound where, what a torch name stands for, what nothing binds."""

import ast

import pytest

from lintml import documents
from lintml.analysis.facts import Facts
from lintml.analysis.names import Names
from lintml.model import Page


def names(*blocks: str) -> tuple[Names, Facts]:
    text = "\n".join(f"```python\n{block}\n```" for block in blocks)
    document = documents.parse(text, "page.md")
    facts = Facts(Page(document, document.snippets))
    return facts.names, facts


def undefined(*blocks: str) -> set[str]:
    return {each.name for each in names(*blocks)[0].undefined}


def path_of(source: str, *before: str) -> str | None:
    found, facts = names(*before, source)
    tree = facts.page.snippets[-1].tree
    assert tree is not None
    last = tree.body[-1]
    assert isinstance(last, ast.Expr)
    return found.path(last.value)


@pytest.mark.parametrize(
    ("imports", "expression", "path"),
    [
        ("import torch", "torch.nn.Linear", "torch.nn.Linear"),
        ("import torch.nn as nn", "nn.Linear", "torch.nn.Linear"),
        ("from torch import nn", "nn.Linear", "torch.nn.Linear"),
        ("from torch.nn import Linear as L", "L", "torch.nn.Linear"),
        ("from torch.nn import *", "Linear", "torch.nn.Linear"),
        ("import torch.nn.functional as F", "F.relu", "torch.nn.functional.relu"),
        ("import numpy as np", "np.zeros", "numpy.zeros"),
        ("", "nn.Linear", "torch.nn.Linear"),
    ],
)
def test_a_name_stands_for_what_it_was_imported_as(imports: str, expression: str, path: str) -> None:
    assert path_of(expression, imports or "pass") == path


@pytest.mark.parametrize(
    "before",
    [
        "import torch.nn as nn\nnn = 3",
        "import paddle.nn as nn",
        "from mindspore import nn",
        "try:\n    import a as nn\nexcept ImportError:\n    import torch.nn as nn",
    ],
)
def test_a_name_that_may_be_something_else_stands_for_nothing_of_torch(before: str) -> None:
    assert not (path_of("nn.Linear", before) or "").startswith("torch.")


def test_a_local_name_hides_an_import() -> None:
    found, _ = names("import torch.nn as nn\ndef f(nn):\n    return nn.Linear")
    paths = [path for node, path in found.paths.items() if isinstance(node, ast.Attribute)]
    assert paths == []


@pytest.mark.parametrize(
    "block",
    [
        "x = 1\nprint(x)",
        "def f(a, *b, c=1, **d):\n    return a, b, c, d",
        "[y for y in range(3) if y]",
        "class A:\n    z = 1\n    w = z",
        "with open('f') as g:\n    g.read()",
        "try:\n    pass\nexcept ValueError as e:\n    print(e)",
        "for i, (j, *k) in []:\n    i, j, k",
        "if (n := 3) > 2:\n    n",
        "match 1:\n    case {'a': q, **r}:\n        q, r\n    case [s, *t]:\n        s, t\n    case u:\n        u",
        "def f():\n    global h\n    h = 1\nh",
        "lambda v: v",
        "def f():\n    return later\nlater = 1",
        "from somewhere import *\nanything",
        "__name__, __file__",
    ],
)
def test_what_is_bound_is_not_undefined(block: str) -> None:
    assert undefined(block) == set()


def test_names_flow_between_snippets_both_ways() -> None:
    assert undefined("a = b", "b = 1\nc = a") == set()


def test_a_class_body_is_not_seen_from_its_methods() -> None:
    assert undefined("class A:\n    k = 1\n    def f(self):\n        return k") == {"k"}


def test_a_comprehension_keeps_its_variable() -> None:
    assert undefined("[p for p in []]\np") == {"p"}


def test_an_undefined_name_says_how_it_is_used() -> None:
    found, _ = names("class A(Base):\n    def f(self):\n        return made(), mod.x, plain")
    assert {each.name: each.uses[0].role for each in found.undefined} == {
        "Base": "base", "made": "called", "mod": "attribute", "plain": "",
    }  # fmt: skip


def test_a_star_import_may_bring_a_class_under_a_known_name() -> None:
    found, _ = names("from basics import *\nloader = DataLoader(bs=4)\nlayer = nn.Linear(2, 3)")
    assert "DataLoader" not in found.assumed
    assert found.assumed["nn"] == "torch.nn"
