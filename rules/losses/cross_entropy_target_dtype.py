"""Class labels that are no ``int64``.

``cross_entropy`` and ``nll_loss`` pick the entry of the right class, and take its number as ``int64`` (or ``uint8``)
only. Cross-entropy also takes probabilities, one for each class: a float for each example is neither.

```python wrong
import torch
import torch.nn.functional as F

scores = torch.randn(4, 3)
loss = F.cross_entropy(scores, torch.tensor([0.0, 1.0, 2.0, 0.0]))
```

```python right
import torch
import torch.nn.functional as F

scores = torch.randn(4, 3)
loss = F.cross_entropy(scores, torch.tensor([0.0, 1.0, 2.0, 0.0], dtype=torch.int64))
```

```python wrong
import torch
import torch.nn as nn

labels = torch.randint(0, 3, (4,)).int()
loss = nn.NLLLoss()(torch.randn(4, 3).log_softmax(1), labels)
```

```python right
import torch
import torch.nn as nn

labels = torch.randint(0, 3, (4,)).long()
loss = nn.NLLLoss()(torch.randn(4, 3).log_softmax(1), labels)
```

Only what is seen to be made so is reported: by a factory, a literal or a cast. The fix is unsafe, for other code may
want the labels as they are.
"""

from collections.abc import Iterator

from lintml import Application, Facts, Finding, Reason, Rule, given_dtype, is_free, to_int64

rule = Rule(code="LOS009", severity="error")

HARD = ("torch.nn.NLLLoss", "torch.nn.functional.nll_loss")
SOFT = ("torch.nn.CrossEntropyLoss", "torch.nn.functional.cross_entropy")
TAKEN = ("int64", "uint8")


@rule.check
def no_labels(use: Application, facts: Facts) -> Iterator[Finding]:
    target = use.inputs[1] if use.path in HARD + SOFT and len(use.inputs) > 1 and not use.replaceable else None
    found = given_dtype(target) if target is not None else None
    if found is None or found[0] in TAKEN or (use.path in SOFT and _may_be_probabilities(use)):
        return
    dtype, maker = found
    yield Finding(
        use.node,
        f"class labels must be int64, and these are {dtype}",
        because=(Reason(maker.node, f"they are made {dtype} here"),),
        fix=to_int64(maker, facts),
    )


def _may_be_probabilities(use: Application) -> bool:
    """Whether there may be as many axes as the scores have: only fewer are certain to be labels."""
    (given, labels), scores, target = use.inputs[:2], use.shape(0), use.shape(1)
    if labels is None or labels.dtype != "float":
        return False
    if scores is None or target is None or target.rest is not None or given is None:
        return True
    return len(scores.dims) <= len(target.dims) or any(is_free(each) for each in (given, labels))
