"""An example that is meant to be wrong, and is not found to be.

`expect` keeps a deliberately wrong example quiet and says so where the example no longer shows what it is there for,
because somebody put it right or because lintml no longer sees it.

```python wrong
import torch

layer = torch.nn.Linear(8, 3)
layer(torch.randn(2, 8))  # lintml: expect[SHP001]
```

```python right
import torch

layer = torch.nn.Linear(8, 3)
layer(torch.randn(2, 8))
```

Before a fence, `<!-- lintml: expect[SHP001] -->` speaks for the whole block.
"""

from lintml import Rule

rule = Rule(code="SUP002", severity="warning")
