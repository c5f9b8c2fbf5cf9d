"""A test of torch's own that registers operators and leaves them behind.

What a `torch.library.Library` registers stays until it is collected, so that one test may see the operators of another.
Torch's own test files have `torch.library._scoped_library` for that. The rule is for those files, known by what they
import, and is heard only where it is selected by its code or name.

```python wrong
import torch
from torch.testing._internal.common_utils import TestCase


class TestTwice(TestCase):
    def test_define(self):
        library = torch.library.Library("mine", "DEF")
        library.define("twice(Tensor x) -> Tensor")
```

```python right
import torch
from torch.testing._internal.common_utils import TestCase


class TestTwice(TestCase):
    def test_define(self):
        with torch.library._scoped_library("mine", "DEF") as library:
            library.define("twice(Tensor x) -> Tensor")
```
"""

import ast
from collections.abc import Iterator

from lintml import Facts, Finding, Rule

rule = Rule(code="API009", severity="info", optional=True)

OF_TESTS = "torch.testing._internal"


@rule.check
def left_behind(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    if facts.path(call.func) == "torch.library.Library" and any(
        f"{module}.".startswith(f"{OF_TESTS}.") for module in facts.names.modules
    ):
        yield Finding(call, "what this library registers outlives the test; use `torch.library._scoped_library`")
