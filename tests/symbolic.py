"""Random expressions over symbols, each beside the plain integer arithmetic that it stands for."""

from collections.abc import Callable

from hypothesis import strategies as st

from lintml.shapes.dim import Size, Symbol, floor_divide, greatest, least, remainder, symbol, symbols

RIGID = [symbol(name) for name in ("c", "d", "h")]
FREE = [symbol(name, free=True) for name in ("m", "n")]
VALUES = st.fixed_dictionaries({found: st.integers(1, 12) for size in RIGID + FREE for found in symbols(size)})

Tree = tuple[Size, Callable[[dict[Symbol, int]], int]]


def leaf(size: Size) -> Tree:
    return size, lambda values: int(size) if isinstance(size, int) else values[symbols(size)[0]]


def both(a: Tree, b: Tree, symbolic: Callable[[Size, Size], Size], plain: Callable[[int, int], int]) -> Tree:
    return symbolic(a[0], b[0]), lambda values: plain(a[1](values), b[1](values))


INTEGERS = st.integers(-6, 9).map(leaf)
LEAVES = st.sampled_from(RIGID + FREE).map(leaf) | INTEGERS
DIVISORS = st.integers(1, 6).map(leaf) | st.sampled_from(FREE).map(leaf)


def grown(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda p: both(*p, lambda a, b: a + b, lambda a, b: a + b)),
        pairs.map(lambda p: both(*p, lambda a, b: a - b, lambda a, b: a - b)),
        pairs.map(lambda p: both(*p, lambda a, b: a * b, lambda a, b: a * b)),
        st.tuples(inner, DIVISORS).map(lambda p: both(*p, floor_divide, lambda a, b: a // b)),
        st.tuples(inner, DIVISORS).map(lambda p: both(*p, remainder, lambda a, b: a % b)),
        pairs.map(lambda p: both(*p, lambda a, b: least([a, b]), min)),
        pairs.map(lambda p: both(*p, lambda a, b: greatest([a, b]), max)),
    )


TREES = st.recursive(LEAVES, grown, max_leaves=8)
