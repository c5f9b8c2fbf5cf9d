"""Punctuation of a Chinese or Japanese keyboard in code.

To Python `，` is no comma and `（` no bracket, however alike they look: the whole block is a syntax error. So it is
with quotes that a word processor has turned, and with spaces that must not break.

```python wrong
import torch.nn as nn

layer = nn.Linear(8，3)
print（“输入、输出：”, layer）  ＃ 一层
```

```python right
import torch.nn as nn

layer = nn.Linear(8, 3)
print("输入、输出：", layer)  # 一层
```

What strings and comments say stays as it is. A block is only spoken of where ASCII makes a program of it, and no other
rule can say anything of it before.
"""

from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Place, Replace, Rule, Snippet, Span

rule = Rule(code="SNP001", severity="error")

SPACES = {"\u3000": "a full-width space", "\u00a0": "a no-break space"}


@rule.check
def no_ascii(snippet: Snippet, facts: Facts) -> Iterator[Finding]:
    mended = snippet.problem.mended if snippet.problem is not None else ""
    signs = [at for at, (old, new) in enumerate(zip(snippet.text, mended, strict=False)) if old != new]
    if not signs:
        return
    places = [Place(snippet, Span(at, at + 1)) for at in signs]
    first = snippet.text[signs[0]]
    told = f"{SPACES[first]} is none to" if first in SPACES else f"`{first}` means nothing to"
    wanted = "an ordinary one" if first in SPACES else f"`{mended[signs[0]]}`"
    more = f", and change {len(signs) - 1} more like it" if signs[1:] else ""
    yield Finding(
        places[0],
        f"{told} Python; write {wanted}{more}",
        fix=Fix(
            "Write the punctuation in ASCII",
            tuple(Replace(place, _written(mended, at)) for place, at in zip(places, signs, strict=True)),
            Claim.REPAIRS,
        ),
    )


def _written(mended: str, at: int) -> str:
    """The sign to write; a wide comma brings its space along."""
    parts = mended[at] == "," and not mended[at + 1 : at + 2].isspace() and mended[at + 1 : at + 2] not in ")]}"
    return ", " if parts else mended[at]
