"""How a torch name or a size is written where a page would write it."""

import re

from lintml.analysis.names import Names
from lintml.analysis.rates import Derived
from lintml.shapes.dim import Dim, symbols
from lintml.shapes.shape import Axis


def spell(names: Names, path: str, snippet: int) -> str:
    """A torch path in the page's own words, by its longest part that a name in reach of a snippet stands for.

    A name is in reach if it was imported there or before. One that the page only takes for granted, without an import,
    serves for a module that was used before, never for a class: the import that it lacks will stand at its first use.
    """
    known = {}
    for undefined in names.undefined:
        where = names.assumed.get(undefined.name)
        if where is not None and "." not in where.removeprefix("torch.") and undefined.uses[0].scope.snippet <= snippet:
            known[where] = undefined.name
    for name, where in names.imports.items():
        if name not in names.rebound and min(names.bound.get(name, [snippet])) <= snippet:
            known[where] = name
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        spelt = known.get(".".join(parts[:cut]))
        if spelt is not None:
            return ".".join([spelt, *parts[cut:]])
    return path


def spell_size(size: Axis, parameters: set[str]) -> str | None:
    """A size as source text where only ``parameters`` are known by name; None where it depends on anything else."""
    if isinstance(size, int):
        return str(size)
    if not isinstance(size, Dim):
        return None
    for found in symbols(size):
        names = found.names if isinstance(found, Derived) else {_root(found.name)}
        if found.free or not names <= parameters:
            return None
    return str(size)


def _root(name: str) -> str:
    return re.split(r"[.\[]", name, maxsplit=1)[0]
