"""A name that documents take for granted and this one never imports.

``nn``, ``F``, ``np`` and their like mean one thing wherever PyTorch is taught, so the import that is missing is
known. A reader who copies the code gets a NameError. A document that imports nothing at all leaves its imports out on
purpose: there the finding is only a note.

```python wrong
import torch

layer = nn.Linear(8, 3)
layer(torch.randn(2, 8))
```

```python right
import torch
import torch.nn as nn

layer = nn.Linear(8, 3)
layer(torch.randn(2, 8))
```

An import anywhere in the document counts, and so does any other binding of the name.
"""

from collections.abc import Iterator

from lintml import CONVENTIONAL, AddImport, Claim, Facts, Finding, Fix, Rule, Undefined

rule = Rule(code="SNP004", severity="error", over=("SNP005",))


@rule.check
def missing_import(missing: Undefined, facts: Facts) -> Iterator[Finding]:
    statement = CONVENTIONAL.get(missing.name)
    if statement is None or facts.names.rival or facts.page.imports:
        return
    # A module is only meant where an attribute is taken of it: ``time`` alone may be anything.
    module = statement.startswith("import ") or missing.name in ("models", "datasets", "transforms", "lr_scheduler")
    roles = {use.role for use in missing.uses}
    if "__future__.annotations" in facts.names.imports.values():
        roles.discard("annotation")
    if not (("attribute" in roles) if module else roles & {"called", "base", "attribute", "annotation"}):
        return
    subject = facts.subject(missing.node)
    yield Finding(
        missing.node,
        f"`{missing.name}` is used but never imported in this document; add `{statement}`",
        fix=Fix(f"Add `{statement}`", (AddImport(missing.node, statement),), Claim.REPAIRS, subject=subject),
        severity="error" if facts.names.imports or facts.names.modules else "info",
    )
