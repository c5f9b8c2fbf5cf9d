"""Classes of torch that a page names without saying where they come from."""

from functools import cache
from typing import Final

from lintml.analysis.names import Names
from lintml.torch_api.conventional import CONVENTIONAL
from lintml.torch_api.names import homes, is_class

# The namespaces whose classes documents call by their bare names.
_TAUGHT: Final = ("torch.nn.", "torch.optim.", "torch.utils.data.", "torch.distributions.")


def meant(names: Names, name: str) -> str | None:
    """The class of torch that a name stands for which nothing on the page binds; None if there is none of that name."""
    if name in names.bound or name in CONVENTIONAL or names.rival or names.open:
        return None
    return _taught(name)


@cache
def _taught(name: str) -> str | None:
    return next((path for path in homes(name) if path.startswith(_TAUGHT) and is_class(path)), None)
