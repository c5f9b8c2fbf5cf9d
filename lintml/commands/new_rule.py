"""``lintml new-rule``: the first lines of a rule's file and of its odd cases."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from lintml.commands import options
from lintml.commands.session import Refusal, rules_for, session_for
from lintml.rule import Rule

PREFIXES = {
    "snippets": "SNP",
    "api": "API",
    "modules": "MOD",
    "shapes": "SHP",
    "attention": "ATN",
    "losses": "LOS",
    "optim": "OPT",
    "training": "TRN",
    "autograd": "GRD",
    "devices": "DEV",
    "numerics": "NUM",
    "data": "DAT",
    "deprecations": "DEP",
}

RULE = '''"""{title}.

Say why this is a fault, in two or three sentences.

```python wrong
raise NotImplementedError("the least code that shows the fault")
```

```python right
raise NotImplementedError("the same code as the fix leaves it")
```
"""

import ast
from collections.abc import Iterator

from lintml import Facts, Finding, Rule

rule = Rule(code="{code}", severity="error")


@rule.check
def {function}(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    yield from ()
'''

ODD_CASES = """# {name}

Cases beside the rule's own page: code that must be found, and code that must not.

```python right
```
"""


@click.command("new-rule", short_help="Write the skeleton of a rule.")
@click.argument("name")
@click.option("--family", required=True, help=f"The folder: {', '.join(PREFIXES)}, or one of your own.")
@click.option("--code", help="Three letters and three digits [default: the next free one of the family].")
@click.option("--to", "folder", metavar="FOLDER", help="The folder of rules [default: the configured one, or rules/].")
@options.configuration
def command(name: str, family: str, code: str | None, folder: str | None, **asked: Any) -> None:
    """Write the skeleton of a rule NAME, which says the fault in kebab-case, and of its odd cases."""
    settings = session_for(asked).settings()
    rules = rules_for(settings)
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise click.BadParameter(f"{name!r} is not in kebab-case, such as `linear-in-features`", param_hint="NAME")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", family):
        raise click.BadParameter(f"{family!r} is not a name of a folder", param_hint="--family")
    if any(rule.name == name for rule in rules):
        raise Refusal(f"there is a rule `{name}` already")
    code = _free(code, rules) if code else _next(family, rules)
    home = Path(folder or (settings.rules[0] if settings.rules else "rules"))
    if not home.is_dir():
        raise Refusal(f"{home}: no such folder; name one with --to")
    function = name.replace("-", "_")
    title = name.replace("-", " ").capitalize()
    _put(home / family / f"{function}.py", RULE.format(title=title, code=code, function=function))
    _put(home.parent / "fixtures" / "rules" / f"{name}.md", ODD_CASES.format(name=name))


def _free(code: str, rules: Iterable[Rule]) -> str:
    if not re.fullmatch(r"[A-Z]{3}[0-9]{3}", code):
        raise click.BadParameter(f"{code!r} is not three capitals and three digits", param_hint="--code")
    if taken := next((rule for rule in rules if rule.code == code), None):
        raise Refusal(f"{code} is the code of `{taken.name}`")
    return code


def _next(family: str, rules: Iterable[Rule]) -> str:
    """One past the highest code of the family: codes are never used again."""
    rules = list(rules)
    mates = [rule.code for rule in rules if rule.family == family]
    prefix = mates[0][:3] if mates else PREFIXES.get(family)
    if prefix is None:
        raise Refusal(f"the family `{family}` has no codes yet; give the first one with --code")
    return f"{prefix}{max((int(rule.code[3:]) for rule in rules if rule.code[:3] == prefix), default=0) + 1:03}"


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf8") as file:
            file.write(text)
    except FileExistsError:
        raise Refusal(f"{path}: exists already") from None
    except OSError as error:
        raise Refusal(f"{path}: cannot be written: {error.strerror}") from None
    print(f"wrote {path}")
