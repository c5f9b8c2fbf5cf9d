"""A part of torchvision imported under its own name in a roundabout way: `import torchvision.models as models`.

The name stands there twice to no effect; `from torchvision import models` binds the same module. As a matter of taste,
the rule is heard only where it is selected by its code or name.

```python wrong
import torchvision.transforms as transforms

crop = transforms.CenterCrop(8)
```

```python right
from torchvision import transforms

crop = transforms.CenterCrop(8)
```
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Replace, Rule

rule = Rule(code="API008", severity="info", optional=True)


@rule.check
def named_twice(statement: ast.Import, facts: Facts) -> Iterator[Finding]:
    for alias in statement.names:
        if alias.asname is None or alias.name != f"torchvision.{alias.asname}":
            continue
        text = f"from torchvision import {alias.asname}"
        fix = Fix(f"Write `{text}`", (Replace(statement, text),), Claim.SAME) if len(statement.names) == 1 else None
        yield Finding(alias, f"`{text}` says the same with the name once", fix=fix)
