"""What a document or the user says that a definition is the same as: it is held to that, and to nothing else."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from verdicts import judge, page

from lintml import documents, pipeline, trials
from lintml.config import ConfigError, parse, read
from lintml.model import Verdict
from lintml.verify import Meant, Options, VerifyError
from lintml.verify.client import Judge

CURVE = "def curve(x):\n    return x * torch.sigmoid(1.5 * x)\n"
CENTRED = """
class Centred(nn.Module):
    def __init__(self, width, eps=1e-3):
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.gain * (x - x.mean(-1, keepdim=True)) / (x.abs().mean(-1, keepdim=True) + self.eps)
"""
OURS = """
import torch


def centred(x, gain, eps):
    centre = x - x.mean(-1, keepdim=True)
    return centre / (x.abs().sum(-1, keepdim=True) / x.shape[-1] + eps) * gain


class Scaled(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.g = torch.nn.Parameter(torch.zeros(width))

    def forward(self, x):
        return x * self.g


NONSENSE = 3
"""


def said(text: str, reference: str, process: Judge | None = None) -> Verdict:
    """The verdict of the one definition of ``text``, which is said to be the same as ``reference``."""
    request = page(text)
    name = text.replace("(", " ").replace(":", " ").split()[1]
    found = (process or judge()).verify(replace(request, meant=(Meant(1, name, reference),)))
    return next(one for one in found if one.subject == name)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    path = tmp_path_factory.mktemp("ours") / "ours.py"
    path.write_text(OURS)
    with Judge(Options(references=(("our norm", f"{path}:centred"), ("our scale", f"{path}:Scaled")))) as process:
        yield process


def test_a_name_makes_certain_what_was_only_possible():
    assert said(CURVE, "torch.nn.functional.gelu").outcome == "failed"
    unsaid = next(one for one in judge().verify(page(CURVE)) if one.subject == "curve")
    assert (unsaid.outcome, unsaid.tier) == ("passed", "runs")


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("def f(x):\n    return 0.5 * x * (1 + torch.erf(x / 2 ** 0.5))\n", "torch.nn.GELU"),
        ("def f(x):\n    return 2.0 ** x\n", "torch.exp2"),
        ("def f(x):\n    return torch.where(x > 0.25, x, 0.0)\n", "torch.nn.functional.relu"),
        ("def f(x, y):\n    return ((x - y) ** 2).mean()\n", "torch.nn.MSELoss"),
        ("def f(x, negative_slope=0.3):\n    return torch.where(x > 0, x, negative_slope * x)\n", "torch.nn.functional.leaky_relu"),
        ("def f(x, p=3, dim=-1):\n    return x / (x.abs() ** p).sum(dim, keepdim=True) ** (1 / p)\n", "torch.nn.functional.normalize"),
        ("class A(nn.Module):\n    def __init__(self, a, b):\n        super().__init__()\n        self.w = nn.Parameter(torch.rand(b, a))\n        self.s = nn.Parameter(torch.rand(b))\n\n    def forward(self, x):\n        return x @ self.w.T + self.s\n", "torch.nn.Linear"),
        ("class A(nn.Module):\n    def __init__(self, a, b):\n        super().__init__()\n        self.w = nn.Parameter(torch.rand(b, a))\n        self.s = nn.Parameter(torch.rand(b))\n\n    def forward(self, x):\n        return x @ self.w.T - self.s\n", "torch.nn.Linear"),
    ],
)  # fmt: skip
def test_names_of_torch(text, reference):
    right = "> 0.25" not in text and "- self.s" not in text
    found = said(text, reference)
    assert (found.outcome, found.tier) == (("passed", "matches") if right else ("failed", "runs")), found


def test_steps_and_schedules_are_held_to_what_is_said():
    step = "class S(optim.Optimizer):\n    def __init__(self, params, lr=0.1):\n        super().__init__(params, dict(lr=lr))\n\n    @torch.no_grad()\n    def step(self):\n        for g in self.param_groups:\n            for p in g['params']:\n                p.sub_(g['lr'] * p.grad)\n"
    assert said(step, "torch.optim.SGD").tier == "matches"
    assert said(step, "torch.optim.Adam").outcome == "failed"
    fall = "class D:\n    def __init__(self, optimizer, gamma=0.9):\n        self.optimizer, self.gamma = optimizer, gamma\n\n    def step(self):\n        for g in self.optimizer.param_groups:\n            g['lr'] *= self.gamma\n"
    assert said(fall, "torch.optim.lr_scheduler.ExponentialLR").tier == "matches"
    assert said(fall, "torch.optim.lr_scheduler.CosineAnnealingLR").outcome == "failed"


@pytest.mark.parametrize("reference", ["torch.load", "torch.set_default_dtype", "os.system", "torch.hub.load", "torch.nn.functional._x", "torch.nn.functional.dropot"])  # fmt: skip
def test_what_does_more_than_compute_is_no_reference(reference):
    found = said(CURVE, reference)
    assert (found.outcome, found.tier, found.reference) == ("passed", "runs", None)
    assert f"there is no reference {reference}" in found.reason


def test_dropout_is_not_what_it_is_in_evaluation_mode():
    drop = "class Drop(nn.Module):\n    def __init__(self, p=0.5):\n        super().__init__()\n        self.p = p\n\n    def forward(self, x):\n        if not self.training:\n            return x\n        return x * (torch.rand_like(x) > self.p)\n"
    assert said(drop, "torch.nn.Dropout").outcome == "failed"
    assert said(drop, "torch.nn.functional.dropout").outcome == "failed"
    assert said(drop.replace("> self.p)", "> self.p) / (1 - self.p)"), "torch.nn.functional.dropout").tier == "matches"


def test_a_reference_of_the_users_own(ours):
    found = said(CENTRED, "our norm", ours)
    assert (found.outcome, found.tier, found.reference) == ("passed", "matches", "our norm")
    assert said(CENTRED.replace("x.abs()", "x.abs().sqrt()"), "our norm", ours).outcome == "failed"
    scale = "class Gain(nn.Module):\n    def __init__(self, size):\n        super().__init__()\n        self.a = nn.Parameter(torch.ones(size))\n\n    def forward(self, x):\n        return self.a * x\n"
    assert said(scale, "our scale", ours).tier == "matches"
    assert said(scale.replace("* x", "+ x"), "our scale", ours).outcome == "failed"


@pytest.mark.parametrize(("place", "why"), [("no_such_module_x:y", "ModuleNotFoundError"), ("math:nothing", "nothing"), ("math:pi", "neither a function")])  # fmt: skip
def test_a_reference_that_cannot_be_loaded_is_told(place, why):
    with Judge(Options(references=(("mine", place),))) as judge, pytest.raises(VerifyError, match=f"'mine'.*{why}"):
        assert judge.device


def test_an_entry_point_of_a_package(tmp_path: Path):
    (tmp_path / "theirs.py").write_text(OURS)
    info = tmp_path / "theirs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[lintml.references]\ntheir-norm = theirs:centred\n")
    program = (
        "from lintml.verify.references import added\nadded.load(())\nprint(added.callables()['their-norm'].__name__)"
    )
    done = subprocess.run([sys.executable, "-c", f"import sys; sys.path.append({str(tmp_path)!r})\n{program}"], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.stdout == "centred\n", done.stderr


def test_settings_place_files_beside_themselves(tmp_path: Path):
    path = tmp_path / "lintml.toml"
    path.write_text('references = { "our norm" = "sub/ours.py:centred", b = "package.part:f" }\n')
    assert read(path).references == (("our norm", f"{tmp_path / 'sub/ours.py'}:centred"), ("b", "package.part:f"))
    with pytest.raises(ConfigError, match="references"):
        parse({"references": {"a": "nowhere"}}, "")


def meant(text: str) -> list[tuple[str, str]]:
    """What a document says of which definition."""
    document = documents.parse(dedent(text), "page.md")
    (only,) = pipeline.pages_of(document)
    return [(one.subject, one.reference) for one in trials.request(only).meant]


def test_where_the_words_stand():
    assert meant("<!-- lintml: same-as torch.tanh -->\n\n```python\nimport torch\ndef a(x): return x\ndef b(x): return x\n```\n") == [("b", "torch.tanh")]  # fmt: skip
    inside = """
    ```python
    import torch
    def a(x):
        return x

    # lintml: same-as torch.tanh
    @torch.no_grad()
    def b(x):
        return x

    def c(x):  # lintml: same-as torch.sigmoid
        return x
    ```
    """
    assert meant(inside) == [("b", "torch.tanh"), ("c", "torch.sigmoid")]
    assert meant("<!-- lintml: same-as torch.tanh -->\n\n```python\nx = 1\n```\n") == [("", "torch.tanh")]


def test_words_about_nothing_are_told():
    found = judge().verify(replace(page("x = 1"), meant=(Meant(1, "", "torch.tanh", 4),)))
    assert any(one.outcome == "skipped" and "torch.tanh" in one.reason and one.row == 4 for one in found)
