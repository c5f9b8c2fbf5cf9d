"""Objects of the page's module classes, as their constructors leave them."""

from dataclasses import dataclass

from lintml.analysis.trace import Store
from lintml.analysis.values import Instance, Layer, PageClass


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """An object of a module class as its constructor leaves it; ``stores`` are the values it was given on the way.

    ``containers`` are those that were made for it.
    """

    cls: PageClass
    instance: Instance
    stores: tuple[Store, ...]
    containers: tuple[Layer, ...] = ()
