"""What symbolic sizes are made of: named symbols, and the quotients, remainders and extremes of other sizes."""

from typing import TYPE_CHECKING, TypeAlias, Union

if TYPE_CHECKING:
    from lintml.shapes.polynomial import Size

Atom: TypeAlias = Union["Symbol", "Quotient", "Remainder", "Extreme"]


class Symbol:
    """A positive integer that has a name: a parameter (rigid), or an axis of an input (``free``: it may be solved for).

    ``minimum`` is its least value, ``leading`` says that it is the first axis of an input, the batch as a rule, and
    ``inner`` that it is one of something that the code works out; two symbols are the same when their names are.
    """

    __slots__ = ("_hash", "default", "free", "inner", "leading", "minimum", "name")

    def __init__(
        self,
        name: str,
        *,
        minimum: int = 1,
        free: bool = False,
        default: int | None = None,
        leading: bool = False,
        inner: bool = False,
    ) -> None:
        self.name = name
        self.minimum = minimum
        self.free = free
        self.default = default
        self.leading = leading
        self.inner = inner
        self._hash = hash(name)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Symbol) and self.name == other.name)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """What products and sums are ordered by."""
        return self.name


class _Composite:
    """An atom made of other sizes, equal to another of the same kind and parts."""

    __slots__ = ("_hash", "_key", "interval", "parts")

    def __init__(self, *parts: "Size") -> None:
        self.parts = parts
        self.interval: tuple[float, float] | None = None  # what ``bounds`` found
        self._hash = hash((type(self).__name__, parts))
        self._key = ""

    def __eq__(self, other: object) -> bool:
        return self is other or (
            type(self) is type(other)
            and isinstance(other, _Composite)
            and self._hash == other._hash
            and self.parts == other.parts
        )

    def __hash__(self) -> int:
        return self._hash

    @property
    def key(self) -> str:
        """What products and sums are ordered by."""
        if not self._key:
            self._key = repr(self)
        return self._key


class Quotient(_Composite):
    """The floor of one size over another."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"({_wrapped(self.parts[0])} // {_wrapped(self.parts[1])})"


class Remainder(_Composite):
    """What a floor division leaves."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"({_wrapped(self.parts[0])} % {_wrapped(self.parts[1])})"


class Extreme(_Composite):
    """The least or the greatest of several sizes; ``parts[0]`` is 0 for the least and 1 for the greatest."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{'max' if self.parts[0] else 'min'}({', '.join(map(str, self.parts[1:]))})"


def _wrapped(size: "Size") -> str:
    alone = isinstance(size, int) or (len(size.terms) == 1 and size.terms[0][1] == 1 and len(size.terms[0][0]) == 1)
    return str(size) if alone and not str(size).count(" ") else f"({size})"
