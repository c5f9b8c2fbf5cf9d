"""Objects that are made again with the same arguments are copied, and nobody can tell."""

import re
from pathlib import Path

import pytest

from lintml import documents, pipeline
from lintml.analysis import copies
from lintml.analysis.facts import Facts
from lintml.analysis.values import Instance, Layer
from lintml.config import Settings
from lintml.model import Page

FIXTURES = Path(__file__).parents[1] / "fixtures"
BLOCK = """
class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(d)
        self.layers = nn.ModuleList([nn.Linear(d, d) for _ in range(3)])
        self.out = nn.Linear(d, d)
        self.tied = self.out
        self.scale = nn.Parameter(torch.ones(d))
    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.tied(self.norm(x)) * self.scale
"""


@pytest.fixture(autouse=True)
def every_object_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "WORTH", 1)


def facts(code: str) -> Facts:
    code = f"import torch\nimport torch.nn as nn\n{BLOCK}{code}"
    document = documents.parse(f"```python\n{code}\n```\n", "page.md")
    assert document.snippets[0].problem is None, document.snippets[0].problem
    return Facts(Page(document, document.snippets))


def net(init: str, forward: str) -> Facts:
    lines = ["class Net(nn.Module):", "    def __init__(self, d, heads, depth):", "        super().__init__()"]
    lines += [f"        {line}" for line in init.splitlines()]
    lines += ["    def forward(self, x):", *(f"        {line}" for line in forward.splitlines())]
    return facts("\n".join(lines))


def held(found: Facts, *names: str) -> list[Instance]:
    instance = found.program.entries[-1].primary.instance
    assert instance is not None
    return [instance.attributes[name] for name in names]


def test_two_objects_made_alike_are_two() -> None:
    one, other = held(net("self.a = Block(d, heads)\nself.b = Block(d, heads)", "return self.b(self.a(x))"), "a", "b")
    assert one is not other
    assert one.attributes.keys() == other.attributes.keys()
    assert all(one.attributes[name] is not other.attributes[name] for name in ("norm", "layers", "out", "scale"))
    assert other.attributes["tied"] is other.attributes["out"]


def test_a_copy_knows_the_call_that_makes_it() -> None:
    one, other = held(net("self.a = Block(d, heads)\nself.b = Block(d, heads)", "return x"), "a", "b")
    assert other.node.lineno == one.node.lineno + 1
    for each in (one, other):
        layer = each.attributes["out"]
        assert isinstance(layer, Layer)
        assert layer.makers == (each.node,)


@pytest.mark.parametrize("changed", ["self.a.out = nn.Linear(d, 3 * d)", "self.a.tied = nn.Linear(d, 3 * d)"])
def test_what_is_changed_of_one_is_not_changed_of_another(changed: str) -> None:
    found = net(f"self.a = Block(d, heads)\n{changed}\nself.b = Block(d, heads)", "return self.b(x)")
    assert found.program.clashes == []
    found = net(f"self.b = Block(d, heads)\nself.a = Block(d, heads)\n{changed}", "return self.b(x)")
    assert found.program.clashes == []


def test_an_object_made_with_other_arguments_is_another() -> None:
    found = net("self.a = Block(d, heads)\nself.b = Block(2 * d, heads)", "return self.b(self.a(x))")
    assert [str(clash.got) for clash in found.program.clashes] == ["d"]


def test_true_is_not_one() -> None:
    one, other = held(net("self.a = Block(d, True)\nself.b = Block(d, 1)", "return x"), "a", "b")
    assert (one.attributes["heads"], other.attributes["heads"].__class__) == (True, int)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*/*.md")), ids=lambda path: path.stem)
def test_copying_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> list[str]:
        document = documents.read(str(path))
        found = [*pipeline.signatures(document, Settings()), *pipeline.shaped_lines(document, Settings())]
        # Axes of an unknown number, which have no name, are numbered as they come.
        return [re.sub(r"\br\d+", "r", str(each)) for each in found]

    copied = told()
    monkeypatch.setattr(copies, "occasion", lambda *given: None)
    assert told() == copied
