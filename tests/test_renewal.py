"""What a fix writes in place of an outdated name: right for the page's torch, with its imports and every use."""

from dataclasses import replace

import pytest

from lintml import documents, pipeline
from lintml.config import Settings


def fixed(code: str, version: str = "", unsafe: bool = False) -> str:
    page = documents.parse(f"```python\n{code}\n```\n", "page.md")
    settings = replace(Settings(), torch_version=version, select=("DEP",))
    done = pipeline.fix(page, settings, unsafe=unsafe)
    assert not done.refused
    return done.after.snippets[0].text.rstrip("\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "from torch.cuda.amp import GradScaler as GS, autocast\ns = GS()\nwith autocast(False): pass",
            'from torch.amp import GradScaler as GS, autocast\ns = GS("cuda")\nwith autocast("cuda", enabled=False): pass',
        ),
        (
            "import torch\nfrom torch import matrix_rank, eye\nprint(matrix_rank(eye(2), symmetric=True))",
            "import torch\nfrom torch import eye\nfrom torch.linalg import matrix_rank\n"
            "print(matrix_rank(eye(2), hermitian=True))",
        ),
        (
            "from torch.cuda import amp\nwith amp.autocast(enabled=False): pass",
            'import torch\nfrom torch.cuda import amp\nwith torch.amp.autocast("cuda", enabled=False): pass',
        ),
        (
            "import torch\n@torch.cuda.amp.custom_fwd\ndef f(ctx, x): return x",
            'import torch\n@torch.amp.custom_fwd(device_type="cuda")\ndef f(ctx, x): return x',
        ),
        (
            "import torch.nn.functional as G\ndef f(x): return G.upsample_nearest(x, scale_factor=2)",
            'import torch.nn.functional as G\ndef f(x): return G.interpolate(x, scale_factor=2, mode="nearest")',
        ),
        (
            "from torch.nn.init import *\nfrom torch import nn\nxavier_normal(nn.Linear(2, 2).weight)",
            "from torch.nn.init import *\nfrom torch import nn\nxavier_normal_(nn.Linear(2, 2).weight)",
        ),
        (
            "import torch\nq, r = torch.qr(torch.eye(2), some=False)",
            'import torch\nq, r = torch.linalg.qr(torch.eye(2), mode="complete")',
        ),
        (
            "import torch\nv = torch.ones(2)\nprint(v.ger(v))",
            "import torch\nv = torch.ones(2)\nprint(v.outer(v))",
        ),
        (
            "from torch.optim.lr_scheduler import _LRScheduler\nclass Flat(_LRScheduler): pass",
            "from torch.optim.lr_scheduler import LRScheduler\nclass Flat(LRScheduler): pass",
        ),
        (
            "import torch\ntorch.set_default_tensor_type(torch.DoubleTensor)",
            "import torch\ntorch.set_default_dtype(torch.float64)",
        ),
    ],
)
def test_a_safe_fix_writes_the_new_name_wherever_the_old_one_stood(before: str, after: str) -> None:
    assert fixed(before) == after
    assert fixed(after) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = torch.solve(b, a)[0]", "x = torch.linalg.solve(a, b)"),
        ("x = torch.solve(b, a).solution", "x = torch.linalg.solve(a, b)"),
        ("x, lu = torch.solve(b, a)", "x = torch.linalg.solve(a, b)"),
        ("x, lu = torch.solve(b, a)\nprint(lu)", "x, lu = torch.solve(b, a)\nprint(lu)"),
        ("x = torch.lstsq(b, a)[0]", "x = torch.linalg.lstsq(a, b)[0]"),
        ("x, _ = torch.lstsq(b, a)", "x = torch.linalg.lstsq(a, b).solution"),
        ("print(torch.range(1, 4 if b else 5))", "print(torch.arange(1, (4 if b else 5) + 1))"),
        ("x = torch.solve(*pair)", "x = torch.solve(*pair)"),
        ("nn.utils.weight_norm(layer)", "nn.utils.parametrizations.weight_norm(layer)"),
    ],
)
def test_an_unsafe_fix_sees_to_what_becomes_of_the_result(before: str, after: str) -> None:
    prelude = "import torch\nfrom torch import nn\nfrom data import a, b, layer, pair\n"
    assert fixed(prelude + before) == prelude + before
    assert fixed(prelude + before, unsafe=True) == prelude + after


@pytest.mark.parametrize(
    ("code", "too_old", "new_enough"),
    [
        ("import torch\nprint(torch.lstsq(torch.ones(2, 1), torch.eye(2))[0])", "1.8", "1.9"),
        ("from torch import nn\nnn.utils.weight_norm(nn.Linear(2, 2))", "2.0", "2.1"),
        ("import torch\ns = torch.cuda.amp.GradScaler()", "2.2", "2.4"),
        ("from functorch import vmap\nprint(vmap(print))", "1.13", "2.0"),
        ("from torch.optim.lr_scheduler import _LRScheduler as L\nclass A(L): pass", "1.13", "2.0"),
    ],
)
def test_a_replacement_is_written_where_torch_has_it(code: str, too_old: str, new_enough: str) -> None:
    assert fixed(code, too_old, unsafe=True) == code
    assert fixed(code, new_enough, unsafe=True) != code


@pytest.mark.parametrize(
    "code",
    [
        "from torch import matrix_rank\nfrom mine import matrix_rank\nprint(matrix_rank(1))",
        "from torch.nn.init import normal\ndef normal_(x): return x\nprint(normal(1), normal_(2))",
        "import torch\nprint(torch.cuda.amp.autocast(*flags))",
    ],
)
def test_no_fix_is_better_than_a_guess(code: str) -> None:
    assert fixed(code, unsafe=True) == code
