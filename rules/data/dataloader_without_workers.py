"""A DataLoader that loads in the training process itself.

Without `num_workers` the model waits while every batch is read and prepared. Data that are in memory anyway are better
off without, and so is a small example, so the rule is heard only where it is selected by its code or name.

```python wrong
import torch
from torch.utils.data import DataLoader, Dataset


class Files(Dataset):
    def __init__(self, paths):
        self.paths = paths

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return torch.load(self.paths[index])


loader = DataLoader(Files(["a.pt", "b.pt"]), batch_size=2)
```

```python right
import torch
from torch.utils.data import DataLoader, Dataset


class Files(Dataset):
    def __init__(self, paths):
        self.paths = paths

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return torch.load(self.paths[index])


loader = DataLoader(Files(["a.pt", "b.pt"]), batch_size=2, num_workers=2)
```

How many workers are right depends on the machine, so there is no fix.
"""

import ast
from collections.abc import Iterator

from lintml import Facts, Finding, Invocation, Items, Made, Rule, Tensor

rule = Rule(code="DAT003", severity="info", optional=True)

LOADER = "torch.utils.data.DataLoader"
PLACE = 5


@rule.check
def in_the_training_process(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    spread = any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords)
    if facts.path(call.func) != LOADER or spread or _is_in_memory(call, facts):
        return
    named = next((each.value for each in call.keywords if each.arg == "num_workers"), None)
    workers = call.args[PLACE] if len(call.args) > PLACE else named
    if workers is None or (isinstance(workers, ast.Constant) and workers.value == 0):
        yield Finding(call, "the training process itself loads every batch; `num_workers` lets others do so")


def _is_in_memory(call: ast.Call, facts: Facts) -> bool:
    """Whether the data set is seen to be a list, a tensor, or tensors."""
    for each in facts.of(Invocation):
        if each.node is call:
            match each.arguments[0] if each.arguments else each.keywords.get("dataset"):
                case Items() | Tensor(certain=True) | Made(path="torch.utils.data.TensorDataset"):
                    return True
    return False
