"""What a rule file declares: a code, a severity, and checks that say by annotation what they hear."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import ModuleType, UnionType
from typing import Any, TypeVar, get_args

from lintml.model import Finding, Severity

CheckFunction = Callable[..., Iterable[Finding]]
Heard = TypeVar("Heard", bound=CheckFunction)


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """One function of a rule and the kinds of node or fact that it hears."""

    hears: tuple[type, ...]
    run: CheckFunction


@dataclass(eq=False)
class Rule:
    """A rule as its file declares it.

    ``over`` names the codes whose findings on the same construct give way to this rule's, most local first (the
    catalogue's precedence). An ``optional`` rule is heard only where a setting names it: what it says is a matter of
    taste, or for one project. ``name``, ``family`` and ``page`` are taken from the file's name, folder and docstring.
    """

    code: str
    severity: Severity
    over: tuple[str, ...] = ()
    optional: bool = False
    name: str = ""
    family: str = ""
    page: str = ""
    checks: list[Check] = field(default_factory=list)

    def check(self, function: Heard) -> Heard:
        """Register ``function``; the annotation of its first parameter is what it hears, a union hears each member."""
        parameters = [a for name, a in function.__annotations__.items() if name != "return"]
        if not parameters:
            raise TypeError(f"{self.code}: {function.__name__} does not annotate what it hears")
        first: Any = parameters[0]
        hears = get_args(first) if isinstance(first, UnionType) else (first,)
        if not all(isinstance(kind, type) for kind in hears):
            raise TypeError(f"{self.code}: {function.__name__} hears {first!r}, which is no type")
        self.checks.append(Check(tuple(hears), function))
        return function

    def settle(self, module: ModuleType) -> None:
        """Take name, family and page from the module that declares the rule."""
        path = module.__name__.split(".")
        self.name = path[-1].replace("_", "-")
        self.family = path[-2] if len(path) > 1 else ""
        self.page = (module.__doc__ or "").strip()
