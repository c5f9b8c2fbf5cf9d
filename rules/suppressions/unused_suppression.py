"""A request to say nothing where there is nothing to say.

A suppression that outlives its finding hides the next one. It goes, or it names the rule that is meant: a misspelled
code silences nothing either.

```python wrong
import torch

layer = torch.nn.Linear(8, 3)
layer(torch.randn(2, 8))  # lintml: ignore[SHP001]
```

```python right
import torch

layer = torch.nn.Linear(8, 3)
layer(torch.randn(2, 8))
```

Only rules that were asked for count, so `--select` never makes a suppression unused. A bare `# noqa`, and the codes
of other tools behind it, are theirs.
"""

from lintml import Rule

rule = Rule(code="SUP001", severity="warning")
