"""A request to lintml that it does not know, and that is nearly one that it does.

A misspelled request asks for nothing: what was to be silenced is told, and what was to be left out is run.

```python wrong
import torch

layer = torch.nn.Linear(8, 3)
layer(torch.randn(2, 8))  # lintml: ignor[SHP001]
```

```python right
import torch

layer = torch.nn.Linear(8, 3)
layer(torch.randn(2, 8))
```

Known are `skip`, `off`, `on`, `ignore`, `file-ignore`, `expect`, `setup`, `requires`, `try` and `same-as`. Words that
are like none of these are taken for prose.
"""

from lintml import Rule

rule = Rule(code="SUP003", severity="warning")
