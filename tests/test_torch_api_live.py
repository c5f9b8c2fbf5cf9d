"""The table beside the torch that is installed: regenerated without importing it, then compared with what import gives."""

import importlib
import inspect
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from lintml.torch_api import names
from lintml.torch_api.generate.collect import Collector
from lintml.torch_api.generate.merge import merge
from lintml.torch_api.generate.source import Source
from lintml.torch_api.parameters import Parameter, Signature
from lintml.torch_api.table import Record, Table, Version, record_of

torch = pytest.importorskip("torch")

VERSION: Version = tuple(int(part) for part in torch.__version__.split(".")[:2])  # type: ignore[assignment]
EXPLAINED = [
    (pattern, kind)
    for line in (Path(__file__).parent / "torch_api_differences.txt").read_text().splitlines()
    if line and line[0] != "#"
    for pattern, kind, _ in [line.split(" ", 2)]
]
LISTED_FOR: Version = (2, 13)
KINDS = {0: "positional", 1: "either", 2: "rest", 3: "keyword", 4: "keywords"}
CALLABLE = ("class", "function", "method", "staticmethod", "classmethod")
ANYTHING = object()


@pytest.fixture(scope="module", autouse=True)
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    """The table of the installed torch alone, in the shipped one's place for these tests."""
    folder = tmp_path_factory.mktemp("table")
    text = merge("torch", [Collector(Source(Path(torch.__file__).parent)).run()])
    (folder / "torch.txt").write_text(text)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setattr(names, "DATA", folder)
        names.forget()
        yield Table(text.encode())
    names.forget()


@pytest.fixture(scope="module")
def records(fresh: Table) -> list[Record]:
    lines = (line for line in fresh.blob.decode().splitlines() if line[:1] not in ("\t", "#") and " * " not in line)
    return [record_of(line) for line in lines]


def test_names_in_modules_are_those_that_import_gives(fresh: Table, records: list[Record]) -> None:
    tally = Tally()
    for path in (path_of(r) for r in records if r.kind == "module" and not r.alias):
        module = load(path)
        if module is None:
            continue
        known = {r.name for r in fresh.records(path)}
        live = {name for name in dir(module) if name[0] != "_"}
        tally.agree(len(live & known))
        for name in sorted(known - live):
            if not hasattr(module, name) and load(f"{path}.{name}") is None:
                tally.differ(f"{path}.{name}", "only in the table")
        for name in sorted(live - known):
            if names.exists(f"{path}.{name}") is False and not is_foreign(getattr(module, name, None)):
                tally.differ(f"{path}.{name}", "only in torch")
    tally.judge(0.995)


def test_members_of_classes_are_those_that_import_gives(records: list[Record]) -> None:
    tally = Tally()
    for record in (r for r in records if r.kind == "class" and not r.alias):
        path = path_of(record)
        live_class = fetch(path)
        if not inspect.isclass(live_class):
            continue
        live = {name for name in dir(live_class) if name[0] != "_"}
        known = set(names.members(path))
        for name in sorted(live | known):
            found = names.lookup(f"{path}.{name}")
            if name not in live and not hasattr(live_class, name) and found and found.kind != "attribute":
                tally.differ(f"{path}.{name}", "only in the table")
            elif name in live and names.exists(f"{path}.{name}") is False:
                tally.differ(f"{path}.{name}", "only in torch")
            else:
                tally.agree()
    tally.judge(0.995)


def test_signatures_of_python_are_those_that_inspect_gives(records: list[Record]) -> None:
    tally = Tally()
    for record in (r for r in records if r.kind in CALLABLE and not r.alias):
        path = path_of(record)
        found = names.lookup(path)
        live = live_signature(path, drop=record.kind in ("method", "classmethod"))
        if live is None or found is None:
            continue
        if live in [flat(signature) for signature in found.signatures]:
            tally.agree()
        else:
            tally.differ(path, f"torch: {live}, table: {[str(s) for s in found.signatures]}")
    tally.judge(0.98)


@pytest.mark.parametrize(
    "space", ["torch", "torch.nn.functional", "torch.linalg", "torch.fft", "torch.special", "torch.Tensor"]
)
def test_signatures_of_compiled_functions_are_those_that_their_errors_tell(fresh: Table, space: str) -> None:
    """Called with far too much, a compiled function says what it takes."""
    owner = torch.ones(2, 2) if space == "torch.Tensor" else load(space)
    tally = Tally()
    for record in (r for r in fresh.records(space) if r.native and not r.alias):
        path = path_of(record)
        function = getattr(owner, record.name, None)
        found = names.lookup(path)
        if found is None or not callable(function):
            continue
        wrong = [call for call in compiled_calls(function, found.signatures) if call.fits != fits(found, call)]
        if wrong:
            tally.differ(path, f"{wrong[0]}, table: {[str(s) for s in found.signatures]}")
        else:
            tally.agree()
    tally.judge(0.98)


def test_the_shipped_table_says_the_same_of_this_version(fresh: Table, records: list[Record]) -> None:
    shipped = Table((Path(names.__file__).parent / "data" / "torch.txt").read_bytes())
    if VERSION not in shipped.versions:
        pytest.skip(f"no table of torch {VERSION}")
    missing = []
    for record in records:
        other = shipped.record(record.namespace, record.name)
        if other is None or not names.within(other.span, VERSION):
            missing.append(path_of(record))
    assert not missing


@dataclass(frozen=True)
class Call:
    """A call by its shape, and whether torch takes it."""

    positional: int
    keywords: tuple[str, ...]
    fits: bool


def fits(found: names.Name, call: Call) -> bool:
    """Whether an overload takes the call; those with a ``self`` are old ones that C++ takes but no longer tells."""
    old = Parameter("self", annotation="Tensor")
    told = [signature for signature in found.signatures if old not in signature.parameters]
    return any(signature.accepts(call.positional, call.keywords) is None for signature in told)


def compiled_calls(function: Callable[..., object], table: Sequence[Signature]) -> Iterator[Call]:
    """Calls that C++ says it takes or refuses: from the overloads that its error lists, or from the counts it gives."""
    text = error_of(function, *[ANYTHING] * 20)
    overloads = re.findall(r"^ \* \((.*)\)\s*$", text, re.MULTILINE) or re.findall(r"but expected \((.*)\)$", text)
    counts = re.search(r"takes (?:from \d+ to )?(\d+) positional arguments? but 20", text)
    unpacked = any(signature.takes_rest for signature in table)
    if overloads:
        yield from overload_calls([told_overload(text) for text in overloads], unpacked)
    elif counts:
        yield from counted_calls(function, int(counts[1]), table, unpacked)
    elif "takes no arguments" in text:
        yield from (Call(0, (), True), Call(1, (), False), Call(0, ("nonsense",), False))


def overload_calls(overloads: Sequence[tuple[list[str], list[str], set[str]]], unpacked: bool) -> Iterator[Call]:
    for slots, keywords, required in overloads:
        yield Call(0, tuple(n for n in (*slots, *keywords) if n in required), True)
        yield Call(len(slots), tuple(n for n in keywords if n in required), True)
        yield Call(len(slots), tuple(keywords), True)
        yield Call(len(slots), (*keywords, "nonsense"), False)
    if not unpacked:
        yield Call(max(len(slots) for slots, _, _ in overloads) + 1, (), False)


def told_overload(text: str) -> tuple[list[str], list[str], set[str]]:
    """The positional, the keyword-only and the required names of ``Tensor input, *, int dim = None``."""
    slots, _, keywords = re.sub(r"[(\[{][^])}]*[])}]", "", f", {text}").partition(", *, ")
    told = [re.findall(r"(\w+)(?:( = )[^,]*)?(?:, |$)", part) for part in (slots, keywords)]
    positional, keyword = ([name for name, _ in part] for part in told)
    return positional, keyword, {name for part in told for name, default in part if not default}


def counted_calls(
    function: Callable[..., object], most: int, table: Sequence[Signature], unpacked: bool
) -> Iterator[Call]:
    """A function with one overload names what is missing and what it does not know, one call at a time."""
    required = told_missing(function)
    only_named = {p.name for signature in table for p in signature.parameters if p.kind == "keyword"}
    named = tuple(name for name in required if name in only_named)
    yield Call(0, required, True)
    yield Call(most, named, True)
    if not unpacked:
        yield Call(most + 1, named, False)
    for name in {p.name for signature in table for p in signature.parameters if p.kind in ("either", "keyword")}:
        keywords = tuple(dict.fromkeys((*required, name)))
        refused = "unexpected keyword" in error_of(function, **dict.fromkeys(keywords, ANYTHING))
        yield Call(0, keywords, not refused)


def told_missing(function: Callable[..., object], *given: object) -> tuple[str, ...]:
    return tuple(re.findall(r'"(\w+)"', error_of(function, *given).partition("missing")[2]))


def error_of(function: Callable[..., object], *positional: object, **keywords: object) -> str:
    try:
        function(*positional, **keywords)
    except Exception as error:
        return str(error)
    return ""


def live_signature(path: str, drop: bool) -> list[tuple[str, str, bool]] | None:
    """Name, kind and whether it is required, for each parameter; None where Python cannot tell."""
    found = fetch(path)
    found = found.__func__ if isinstance(found, staticmethod | classmethod) else found
    if inspect.isclass(found) and (
        issubclass(found, Enum) or (issubclass(found, tuple) and not hasattr(found, "_fields"))
    ):
        return None  # what Python tells is the base's
    try:
        parameters = list(inspect.signature(found).parameters.values())  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    if drop and parameters and parameters[0].kind.value < 2:
        del parameters[0]
    unset = inspect.Parameter.empty
    return ordered((p.name, KINDS[p.kind.value], p.default is unset and p.kind.value not in (2, 4)) for p in parameters)


def flat(signature: Signature) -> list[tuple[str, str, bool]]:
    return ordered((p.name, p.kind, p.required) for p in signature.parameters)


def ordered(parameters: Iterable[tuple[str, str, bool]]) -> list[tuple[str, str, bool]]:
    """Keyword-only parameters have no order."""
    return sorted(parameters, key=lambda p: p[0] if p[1] == "keyword" else "")


@cache
def load(path: str) -> ModuleType | None:
    try:
        return importlib.import_module(path)
    except Exception:
        return None


def fetch(path: str) -> object:
    """The live object of a path; of a class its member as it is written; None where there is none."""
    parent, _, name = path.rpartition(".")
    if not parent or (module := load(path)):
        return load(path) or module
    owner = fetch(parent)
    get = inspect.getattr_static if inspect.isclass(owner) else getattr
    return get(owner, name, None)


def path_of(record: Record) -> str:
    return f"{record.namespace}.{record.name}".lstrip(".")


def is_foreign(found: object) -> bool:
    """A module of another library, or a private one, that hangs about in a namespace."""
    return isinstance(found, ModuleType) and (not found.__name__.startswith("torch") or "._" in found.__name__)


class Tally:
    """Counts agreement, and holds each difference to the list of those that are explained."""

    def __init__(self) -> None:
        self.agreed = 0
        self.differences: dict[str, str] = {}

    def agree(self, count: int = 1) -> None:
        self.agreed += count

    def differ(self, path: str, how: str) -> None:
        self.differences[path] = how

    def judge(self, share: float) -> None:
        """At least that share agrees, and for the version that was listed each difference is explained."""
        wrong = [path for path in self.differences if explained(path) != "elsewhere"]
        assert self.agreed > 10
        assert self.agreed / (self.agreed + len(wrong)) >= share
        if VERSION == LISTED_FOR:
            assert {path: how for path, how in self.differences.items() if not explained(path)} == {}


def explained(path: str) -> str:
    """How a difference is explained; empty where it is not."""
    return next((kind for pattern, kind in EXPLAINED if fnmatchcase(path, pattern)), "")
