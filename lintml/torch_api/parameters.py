"""Parameter lists as the tables write them, and whether a call fits one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

ParameterKind: TypeAlias = Literal["positional", "either", "keyword", "rest", "keywords"]
MismatchKind: TypeAlias = Literal["missing", "unknown", "too many", "twice"]

# The C++ argument parser takes NumPy's names for torch's own.
ALIASES = {"axis": "dim", "keepdims": "keepdim", "x": "input", "a": "input", "x1": "input", "x2": "other"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; ``kind`` says how it is given: by position, keyword, either, or among ``*rest``, ``**keywords``.

    ``default`` is its text, None where the parameter is required; ``annotation`` is words joined by ``|``, as in
    ``Tensor|number|None``, empty where torch does not say.
    """

    name: str
    kind: ParameterKind = "either"
    default: str | None = None
    annotation: str = ""

    @property
    def required(self) -> bool:
        return self.default is None and self.kind not in ("rest", "keywords")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why a call does not fit: ``argument`` is missing, unknown or given twice, or over ``limit`` are positional."""

    kind: MismatchKind
    argument: str = ""
    limit: int | None = None


@dataclass(frozen=True)
class Signature:
    """What a callable takes, without ``self``. ``native`` ones are parsed in C++, which is more lenient."""

    parameters: tuple[Parameter, ...]
    native: bool = False

    @cached_property
    def by_name(self) -> dict[str, int]:
        """Name -> index of every parameter that a keyword may reach."""
        return {p.name: i for i, p in enumerate(self.parameters) if p.kind in ("either", "keyword")}

    def keyword(self, name: str) -> str | None:
        """The parameter that a keyword means, through NumPy's aliases where they count; None where it means none."""
        if name in self.by_name:
            return name
        alias = ALIASES.get(name) if self.native else None
        return alias if alias in self.by_name else None

    def accepts(self, positional: int, keywords: Sequence[str] = ()) -> Mismatch | None:
        """None where a call with that many positional arguments and these keywords fits, else the first thing wrong."""
        given = {p.name for p in self.slots[:positional]}
        for name in keywords:
            meant = self.keyword(name)
            if meant in given:
                return Mismatch("twice", name)
            if meant:
                given.add(meant)
            elif not any(p.kind == "keywords" for p in self.parameters):
                return Mismatch("unknown", name)
        if positional > len(self.slots) and not self.takes_rest:
            return Mismatch("too many", limit=len(self.slots))
        missing = next((p.name for p in self.parameters if p.required and p.name not in given), None)
        if missing is None and self.native and positional == len(self.slots):
            # A size that C++ takes unpacked may not be left out.
            missing = next((p.name for p in self.parameters if p.kind == "rest" and p.annotation == "int"), None)
        return Mismatch("missing", missing) if missing else None

    def bind(self, positional: Sequence[str], keywords: Mapping[str, str]) -> dict[str, str] | None:
        """The source of each argument by its parameter, all of ``*rest`` under that; None for a call that misfits."""
        if self.accepts(len(positional), tuple(keywords)):
            return None
        bound = dict(zip((p.name for p in self.slots), positional, strict=False))
        rest = next((f"*{p.name}" for p in self.parameters if p.kind == "rest"), "")
        if extra := positional[len(self.slots) :]:
            if not rest:
                return None
            bound[rest] = ", ".join(extra)
        return bound | {self.keyword(name) or name: text for name, text in keywords.items()}

    @cached_property
    def slots(self) -> tuple[Parameter, ...]:
        """The parameters that positional arguments fill, in order."""
        return tuple(p for p in self.parameters if p.kind in ("positional", "either"))

    @property
    def takes_rest(self) -> bool:
        """Whether any number of positional arguments fits: ``*args``, or a size that C++ also takes unpacked."""
        if any(p.kind == "rest" for p in self.parameters):
            return True
        return self.native and len(self.slots) == 1 and "ints" in self.slots[0].annotation.split("|")

    def __str__(self) -> str:
        return f"({', '.join(written(self.parameters))})"


def parse_signature(text: str, native: bool = False) -> Signature:
    """Read ``(a, /, b: int = 1, *, c, **rest)``."""
    parameters: list[Parameter] = []
    kind: ParameterKind = "either"
    for part in split(text.strip()[1:-1]):
        if part == "/":
            parameters = [Parameter(p.name, "positional", p.default, p.annotation) for p in parameters]
            continue
        if part == "*":
            kind = "keyword"
            continue
        head, default = halves(part, "=")
        name, annotation = halves(head, ":")
        if name.startswith("**"):
            parameters.append(Parameter(name[2:], "keywords", None, annotation or ""))
        elif name.startswith("*"):
            parameters.append(Parameter(name[1:], "rest", None, annotation or ""))
            kind = "keyword"
        else:
            parameters.append(Parameter(name, kind, default, annotation or ""))
    return Signature(tuple(parameters), native)


def halves(text: str, mark: str) -> tuple[str, str | None]:
    """Both sides of the first ``mark``; a default may hold more of them."""
    left, found, right = text.partition(mark)
    return left.strip(), right.strip() if found else None


def split(text: str) -> Iterator[str]:
    """The parts of a list at its own commas, not at those in brackets or quotes."""
    depth, quote, begin = 0, "", 0
    for i, character in enumerate(text):
        if quote:
            quote = "" if character == quote and text[i - 1] != "\\" else quote
        elif character in "'\"":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and not depth:
            yield text[begin:i].strip()
            begin = i + 1
    if text[begin:].strip():
        yield text[begin:].strip()


def written(parameters: Sequence[Parameter]) -> Iterator[str]:
    """The inverse of ``parse_signature``."""
    starred = False
    for i, p in enumerate(parameters):
        if p.kind == "keyword" and not starred:
            yield "*"
        starred |= p.kind in ("keyword", "rest")
        text = {"rest": "*", "keywords": "**"}.get(p.kind, "") + p.name
        if p.annotation:
            text += f": {p.annotation}"
        if p.default is not None:
            text += f" = {p.default}" if p.annotation else f"={p.default}"
        yield text
        if p.kind == "positional" and (i + 1 == len(parameters) or parameters[i + 1].kind != "positional"):
            yield "/"
