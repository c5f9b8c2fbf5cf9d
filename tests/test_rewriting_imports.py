"""Imports come at the head of a snippet, in order, once, and where they have run before they are needed."""

import ast

import pytest
from test_rewriting import edits_of, rewritten, snippet_of

from lintml.model import AddImport
from lintml.rewriting import apply, conflict, merged

CLASS = "class A(nn.Module): pass\n"


def added(text: str, *statements: str, masked: tuple[int, ...] = ()) -> str:
    """``text`` with imports that its last statement needs."""
    return rewritten(text, lambda tree: tuple(AddImport(tree.body[-1], s) for s in statements), masked)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", "import torch\n\n"),
        ("\n", "import torch\n\n"),
        ("# A block.\n", "# A block.\nimport torch\n\n"),
        ("# A block.\n\n\n", "# A block.\nimport torch\n\n\n"),
        ('"""Doc."""\n', '"""Doc."""\nimport torch\n\n'),
        ('"""Doc\nmore."""\n\n# A block.\n', '"""Doc\nmore."""\n\n# A block.\nimport torch\n\n'),
        ("from __future__ import annotations\n", "from __future__ import annotations\nimport torch\n\n"),
        (
            '"""Doc."""\nfrom __future__ import annotations\n\n',
            '"""Doc."""\nfrom __future__ import annotations\n\nimport torch\n\n',
        ),
        ("import torch.nn as nn\n", "import torch\nimport torch.nn as nn\n"),
        ("from torch import nn\n\n\n", "import torch\nfrom torch import nn\n\n\n"),
        (
            "import os\nimport sys\n\nimport numpy as np\n\n",
            "import os\nimport sys\n\nimport numpy as np\nimport torch\n\n",
        ),
        ("import numpy as np  # arrays\n", "import numpy as np  # arrays\nimport torch\n"),
        ("import os; import numpy as np\n", "import os; import numpy as np\nimport torch\n"),
        ("from a import (\n    b,\n)\n", "import torch\nfrom a import (\n    b,\n)\n"),
        ("try:\n    import a\nexcept ImportError:\n    a = None\nimport b\n", None),
        ("x = 1\nimport numpy\n", "import torch\nx = 1\nimport numpy\n"),
    ],
)
def test_the_place_of_an_import(head: str, expected: str | None) -> None:
    assert added(head + CLASS, "import torch") == (head + "import torch\n" if expected is None else expected) + CLASS


def test_no_blank_line_parts_imports_from_plain_code() -> None:
    assert added("x = f(1)\n", "import torch") == "import torch\nx = f(1)\n"


def test_blank_lines_before_a_definition_follow_the_snippet() -> None:
    text = f"@d\n{CLASS}\n\n{CLASS}"
    assert added(text, "import torch") == f"import torch\n\n\n{text}"


def test_imports_of_one_fix_are_ordered() -> None:
    wanted = ("from torch.utils.data import DataLoader", "import torch.nn as nn", "import torch", "import torch")
    block = "import torch\nimport torch.nn as nn\nfrom torch.utils.data import DataLoader\n"
    assert added(CLASS, *wanted) == f"{block}\n{CLASS}"
    assert added(f"import numpy as np\n{CLASS}", *wanted) == f"import numpy as np\n{block}{CLASS}"
    assert added(f"import torch.nn.functional as F\n{CLASS}", "import torch", "import torch.nn as nn") == (
        f"import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n{CLASS}"
    )


def test_the_standard_library_keeps_its_own_company() -> None:
    text = f"import os\nimport torch\n{CLASS}"
    assert added(text, "import math") == f"import math\n{text}"
    assert added(f"import torch\n{CLASS}", "import math") == f"import math\nimport torch\n{CLASS}"


@pytest.mark.parametrize(
    ("has", "wants", "expected"),
    [
        ("import torch", "import torch", True),
        ("import torch.nn", "import torch", True),
        ("import torch", "import torch.nn", False),
        ("import torch as t", "import torch", False),
        ("from torch import nn", "import torch.nn as nn", True),
        ("import torch.nn as nn", "from torch import nn", True),
        ("from torch import nn as n", "from torch import nn", False),
        ("from torch import nn, optim", "from torch import optim", True),
        ("from .torch import nn", "from torch import nn", False),
        ("try:\n    import torch\nexcept ImportError:\n    pass", "import torch", True),
        ("def f():\n    import torch", "import torch", False),
    ],
)
def test_an_import_that_is_there_is_not_added(has: str, wants: str, expected: bool) -> None:
    text = f"{has}\n{CLASS}"
    assert (added(text, wants) == text) is expected


def test_an_import_that_comes_too_late_does_not_count() -> None:
    late = "x = torch.ones(2)\nimport torch\n"
    assert rewritten(late, lambda tree: AddImport(tree.body[0], "import torch")) == f"import torch\n{late}"
    in_time = "def f():\n    return torch.ones(2)\nimport torch\n"
    assert rewritten(in_time, lambda tree: AddImport(tree.body[0].body[0], "import torch")) == in_time  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "masked", "expected"),
    [
        ("pass\nx = 1\n", (0,), "pass\nimport torch\nx = 1\n"),
        ("# magic\npass\n\nx = 1\n", (1,), "# magic\npass\nimport torch\n\nx = 1\n"),
        ("pass\npass\nx = 1\n", (0, 1), "pass\npass\nimport torch\nx = 1\n"),
        ("import a\npass\nx = 1\n", (1,), "import a\nimport torch\npass\nx = 1\n"),
        ("pass\nimport a\nx = 1\n", (0,), "pass\nimport a\nimport torch\nx = 1\n"),
        ("import a\npass\nimport b\nx = 1\n", (1,), "import a\npass\nimport b\nimport torch\nx = 1\n"),
    ],
)
def test_magics_at_the_head_stay_first(text: str, masked: tuple[int, ...], expected: str) -> None:
    assert added(text, "import torch", masked=masked) == expected


def test_what_two_fixes_import_stands_together_and_once() -> None:
    snippet = snippet_of(CLASS)
    assert isinstance(snippet.tree, ast.Module)
    node = snippet.tree.body[0]
    one = edits_of(snippet, AddImport(node, "import torch.nn as nn"), AddImport(node, "import torch"))
    other = edits_of(snippet, AddImport(node, "import torch"), AddImport(node, "import torch.optim as optim"))
    assert not conflict(one, other)
    assert apply(CLASS, merged([*one, *other])) == (
        f"import torch\nimport torch.nn as nn\nimport torch.optim as optim\n\n{CLASS}"
    )
