"""One small module for each output format, loaded by its name."""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from lintml.model import Checked
    from lintml.report.view import View

Format: TypeAlias = "Callable[[Iterable[Checked], View], Iterator[str]]"

NAMES = (
    "full",
    "concise",
    "json",
    "json-lines",
    "github",
    "gitlab",
    "sarif",
    "junit",
    "rdjson",
    "grouped",
    "pylint",
    "azure",
    "html",
)


def load(name: str) -> Format:
    """The ``render`` function of a format: results as they come in, pieces of text out."""
    render: Format = import_module(f"{__name__}.{name.replace('-', '_')}").render
    return render
