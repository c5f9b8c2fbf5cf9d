"""What the interpreter computes with: Python's own constants, symbolic sizes, and the values below."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from lintml.model import Snippet
from lintml.shapes.dim import Dim, Size
from lintml.shapes.shape import Shape

# Constants, Dim, tuple and UNKNOWN stand for themselves; everything else that code can hold is a class below.
Value: TypeAlias = Any


class Tensor:
    """A tensor: its shape where tracked, its dtype ("float", "index", "bool" or ""), where it lives and comes from.

    ``device`` is "cpu" for one that a factory made without saying where, "input" for one that follows the inputs or the
    module, "" where unknown. ``source`` is the application whose result this is, seen through operators that only
    change values; ``named`` is the input that this is, for inputs; ``either`` are the tensors that it is one of, where
    the ways of a branch come together. It is not ``sure`` to be a tensor, rather than an array of another library, as
    long as nothing of torch takes it; it is ``certain`` to be one where torch made it or an annotation says so.
    """

    __slots__ = ("certain", "device", "dtype", "either", "factory", "named", "shape", "source", "sure")

    def __init__(
        self,
        shape: Shape | None,
        dtype: str = "",
        device: str = "",
        factory: ast.Call | None = None,
        source: "Application | None" = None,
        named: str = "",
        either: "tuple[Tensor, ...]" = (),
        *,
        sure: bool = True,
        certain: bool = False,
    ) -> None:
        self.shape = shape
        self.dtype = dtype
        self.device = device
        self.factory = factory
        self.source = source
        self.named = named
        self.either = either
        self.sure = sure
        self.certain = certain

    def shaped(self, shape: Shape | None) -> "Tensor":
        """The same tensor as far as all but its shape goes."""
        made = Tensor(shape, self.dtype, self.device, self.factory, self.source, self.named, self.either)
        made.sure, made.certain = self.sure, self.certain
        return made

    def __repr__(self) -> str:
        return f"Tensor{self.shape}"


@dataclass(slots=True, eq=False)
class Layer:
    """A layer of torch.nn: its path, its settings by parameter name, the call that makes it, what it contains.

    ``makers`` are the calls of the page's own classes and functions that the making stands in, outermost first.
    """

    path: str
    settings: Mapping[str, Value]
    node: ast.Call
    items: "Items | None" = None
    snippet: int = 0
    makers: tuple[ast.Call, ...] = ()


class Items:
    """A list, or what a container holds; ``exact`` is False where there may be more or others than these.

    ``names`` are the keys where there are any (ModuleDict, a dict literal). ``sampled`` says of a list that is not
    exact that the values stand in their order, and that only how often some come again is not known: those with an
    index in ``again`` are the second time of what a loop adds.
    """

    __slots__ = ("again", "exact", "level", "names", "sampled", "values")

    def __init__(
        self, values: Iterable[Value] = (), *, exact: bool = True, level: int = 0, names: list[Value] | None = None
    ) -> None:
        self.values = list(values)
        self.exact = exact
        self.level = level
        self.names = names
        self.sampled = exact
        self.again: set[int] = set()

    def alike(self, values: Iterable[Value], level: int) -> "Items":
        """As many values, as certain as these."""
        made = Items(values, exact=self.exact, level=level)
        made.sampled, made.again = self.sampled, set(self.again)
        return made

    @property
    def alike_until(self) -> int:
        """How many values come first, with those that a loop adds a second time or without."""
        return min(self.again, default=len(self.values))

    def once(self) -> list[Value]:
        """The values without those that a loop adds a second time."""
        return [value for at, value in enumerate(self.values) if at not in self.again]


def listed(value: Value) -> Items | None:
    """The list that a value is, or that a container holds."""
    held = value if isinstance(value, Items) else getattr(value, "items", None)
    return held if isinstance(held, Items) else None


@dataclass(frozen=True, slots=True)
class Path:
    """A name of torch or of another library: a module, a function, a class."""

    text: str

    @property
    def last(self) -> str:
        return self.text.rpartition(".")[2]


@dataclass(slots=True, eq=False)
class Function:
    """A function of the page, with the scopes it was made in; ``bound`` is the instance that a method belongs to.

    ``role`` is "property", "static", "class" or "opaque" (decorated by something unknown) where it is not a plain one.
    """

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    snippet: Snippet
    closure: "tuple[dict[str, Value], ...]" = ()
    bound: "Instance | None" = None
    owner: "PageClass | None" = None
    defaults: Mapping[str, Value] = field(default_factory=dict)
    role: str = ""

    def of(self, bound: "Instance | None") -> "Function":
        """The same function as a method of an object."""
        return Function(self.node, self.snippet, self.closure, bound, self.owner, self.defaults, self.role)


@dataclass(frozen=True, slots=True, eq=False)
class Partial:
    """functools.partial of a function, class or layer."""

    function: Value
    arguments: tuple[Value, ...]
    keywords: Mapping[str, Value]


@dataclass(slots=True, eq=False)
class PageClass:
    """A class of the page.

    ``kind`` is what it is by its bases: a "module", "optimizer", "scheduler", "dataset" or "". ``methods`` include
    those of the page's own base classes, and ``complete`` is False where a base is not known.
    """

    node: ast.ClassDef
    snippet: Snippet
    bases: tuple[Value, ...]
    kind: str
    methods: dict[str, Function]
    members: dict[str, Value]
    complete: bool = True
    closure: "tuple[dict[str, Value], ...]" = ()

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def is_plain(self) -> bool:
        """Whether its objects have just the attributes that its code and its bases show."""
        altered = self.node.decorator_list or self.node.keywords
        return self.complete and not altered and not {"__getattr__", "__getattribute__"} & self.methods.keys()

    @property
    def torch_base(self) -> str:
        """The torch class that it derives from, directly or through other classes of the page; empty if none."""
        for base in self.bases:
            match base:
                case Path(text=text):
                    return text
                case PageClass() if base.torch_base:
                    return base.torch_base
        return ""


@dataclass(slots=True, eq=False)
class Instance:
    """An object of a page's class; ``layer`` is the torch layer that it is at heart (a subclass of nn.Conv2d)."""

    cls: PageClass
    attributes: dict[str, Value] = field(default_factory=dict)
    node: ast.AST | None = None
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A method of something that is no instance of the page: a tensor's, a list's, a layer's, a shape's."""

    owner: Value
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What a call of torch made that is neither tensor nor layer: an optimizer, a scheduler, what was loaded.

    ``path`` is that of the class or function called.
    """

    path: str
    node: ast.Call


@dataclass(frozen=True, slots=True)
class Sizes:
    """The value of ``x.shape``: sizes that may stand behind an unknown number of leading ones."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class DeviceOf:
    """The value of ``x.device``."""

    device: str


@dataclass(frozen=True, slots=True)
class Condition:
    """An equation between sizes that may or may not hold; ``equal`` False for its negation."""

    left: Size
    right: Size
    equal: bool = True

    def negated(self) -> "Condition":
        return Condition(self.left, self.right, not self.equal)


@dataclass(frozen=True, slots=True)
class Every:
    """Conditions that hold together; what else must hold is not known if not ``exact``."""

    parts: tuple[Condition, ...]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Some:
    """Conditions of which one holds at least; others may do instead if not ``exact``."""

    parts: tuple[Condition, ...]
    exact: bool = True


class Super:
    """The value of ``super()``."""

    __slots__ = ("instance", "owner")

    def __init__(self, owner: PageClass, instance: Instance) -> None:
        self.owner = owner
        self.instance = instance


@dataclass(slots=True, eq=False)
class Application:
    """One application of an operator of torch in one run: what went in, what came out, where.

    ``path`` is canonical ("torch.bmm", "torch.nn.Linear", "torch.Tensor.view"), ``layer`` the layer applied if it is
    one, ``inputs`` its tensors (None where a value is not tracked), ``owner`` the class whose method it stands in.
    ``returned`` says that a result reaches the method's return as it is; ``operands`` are the inputs as given,
    numbers among them. It is ``replaceable`` where something else may be applied in its place: one of a few layers
    that a setting chooses among, or one that a caller may give.
    """

    path: str
    node: ast.AST
    inputs: tuple[Tensor | None, ...]
    settings: Mapping[str, Value]
    outputs: tuple[Tensor, ...] = ()
    layer: Layer | None = None
    owner: PageClass | None = None
    function: ast.AST | None = None
    returned: bool = False
    operands: tuple[Value, ...] = ()
    replaceable: bool = False

    def shape(self, position: int = 0) -> Shape | None:
        """The shape of an input at the end of the run."""
        given = self.inputs[position] if position < len(self.inputs) else None
        return given.shape if given is not None else None


class Ratio:
    """A true division of sizes that comes out even; ``int`` makes a size of it again."""

    __slots__ = ("size",)

    def __init__(self, size: Value) -> None:
        self.size = size


class Number:
    """A number that is no size and whose value is not known: a rate, a scale, an epsilon."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NUMBER"


class Power(Number):
    """A size to a power that makes no size of it, such as √d."""

    __slots__ = ("base", "exponent")

    def __init__(self, base: Size, exponent: float) -> None:
        self.base = base
        self.exponent = exponent

    def __repr__(self) -> str:
        return f"({self.base}) ** {self.exponent}"


NUMBER: Final = Number()


def is_size(value: Value) -> bool:
    """Whether a value is an integer, known or symbolic."""
    return isinstance(value, (int, Dim)) and not isinstance(value, bool)
