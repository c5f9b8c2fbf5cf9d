"""An embedding that is given numbers which are no indices.

``nn.Embedding`` looks rows up, and takes their numbers as ``int64`` or ``int32`` only. What ``torch.rand``,
``torch.zeros`` or ``.float()`` make is refused, even where every number is whole.

```python wrong
import torch
import torch.nn as nn

embed = nn.Embedding(10, 4)
features = embed(torch.zeros(2, 3))
```

```python right
import torch
import torch.nn as nn

embed = nn.Embedding(10, 4)
features = embed(torch.zeros(2, 3, dtype=torch.int64))
```

Only what is seen to be made so is reported. Random numbers have no fix: ``torch.randint`` wants to know how many rows
there are.
"""

from collections.abc import Iterator

from lintml import Application, Facts, Finding, Reason, Rule, given_dtype, to_int64

rule = Rule(code="DEV003", severity="error")

# Who takes indices, as which of its inputs, and of what types.
EMBEDDINGS = ("torch.nn.Embedding", "torch.nn.EmbeddingBag", "torch.nn.functional.embedding")
LONG, SHORT = ("int64",), ("int64", "int32")
TAKING = {
    **dict.fromkeys(EMBEDDINGS, (0, SHORT)),
    "torch.nn.functional.one_hot": (0, LONG),
    **dict.fromkeys(("torch.gather", "torch.Tensor.gather"), (1, SHORT)),
    **dict.fromkeys(("torch.index_select", "torch.Tensor.index_select"), (1, SHORT)),
}


@rule.check
def no_indices(use: Application, facts: Facts) -> Iterator[Finding]:
    at, taken = TAKING.get(use.path, (0, ()))
    given = use.inputs[at] if taken and len(use.inputs) > at and not use.replaceable else None
    found = given_dtype(given) if given is not None else None
    if found is None or found[0] in taken:
        return
    dtype, maker = found
    taker = "an embedding" if use.path in EMBEDDINGS else f"`{use.path.rpartition('.')[2]}`"
    yield Finding(
        use.node,
        f"{taker} wants indices as int64, and these are {dtype}",
        because=(Reason(maker.node, f"they are made {dtype} here"),),
        fix=to_int64(maker, facts),
    )
