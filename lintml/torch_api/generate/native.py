"""Signatures of compiled functions, from the schema file that torch ships beside itself."""

import re
from functools import cache

from lintml.torch_api.generate.source import Source

SCHEMAS = "torchgen/packaged/ATen/native/native_functions.yaml"
FUNCTION = re.compile(r"^- func: (?P<name>\w+)(?:\.\w+)?\((?P<arguments>.*)\) -> (?P<returns>.*)$")
# Functions that torch keeps from Python.
UNBOUND = re.compile(r"_.*|.*_(forward|backward|cachemask|overrideable)")
NAMED_RETURNS = re.compile(r"\([^\s,]+ \w+(?:, [^\s,]+ \w+)+\)")
ARGUMENT = re.compile(r"(?P<type>[\w.]+(?:\([^)]*\))?(?:\?)?(?:\[\d*\])?\??) (?P<name>\w+)(?:=(?P<default>.*))?")
FACTORY = ("dtype", "layout", "device", "pin_memory")
TYPES = {
    "SymInt": "int", "Scalar": "number", "ScalarType": "dtype", "Device": "device", "Layout": "layout",
    "MemoryFormat": "memory_format",
}  # fmt: skip
DEFAULTS = {"contiguous_format": "contiguous_format", "Mean": "1", "True": "True", "False": "False", "None": "None"}


class Schemas:
    """The native functions of one source; empty for versions that ship no schema file.

    ``structures`` are the types that ``torch.return_types`` makes for functions with several named results.
    """

    def __init__(self, source: Source) -> None:
        self.found: dict[str, list[str]] = {}
        self.structures: set[str] = set()
        for match in map(FUNCTION.match, source.text(SCHEMAS).splitlines()):
            if match:
                self.found.setdefault(match["name"], []).append(match["arguments"])
                if NAMED_RETURNS.fullmatch(match["returns"]) and not UNBOUND.fullmatch(match["name"]):
                    self.structures.add(match["name"] + ("_out" if "!" in match["returns"] else ""))

    @cache  # noqa: B019
    def signatures(self, name: str) -> tuple[str, ...]:
        """The signatures of ``aten::name`` as Python calls it; an ``out=`` overload lends its keyword to the others."""
        plain = []
        takes_out = False
        for text in self.found.get(name, ()):
            if "!" in text.partition("*,")[2]:
                takes_out = True
            else:
                plain.append(text)
        return tuple(dict.fromkeys(signature(text, takes_out) for text in plain))


def signature(arguments: str, takes_out: bool) -> str:
    texts = []
    names = []
    for text in split(arguments):
        if text == "*":
            texts.append("*")
            continue
        match = ARGUMENT.fullmatch(text)
        if match is None:
            continue
        name = "input" if match["name"] == "self" and match["type"].startswith("Tensor") else match["name"]
        names.append(name)
        kind = word(match["type"])
        default = match["default"]
        texts.append(f"{name}: {kind}" + (f" = {DEFAULTS.get(default, default)}" if default is not None else ""))
    extra = ["out: Tensor|None = None"] if takes_out else []
    if set(FACTORY) <= set(names):
        extra.append("requires_grad: bool = False")
    if extra and "*" not in texts:
        texts.append("*")
    return f"({', '.join([*texts, *extra])})"


def word(text: str) -> str:
    optional = text.endswith("?")
    text = re.sub(r"\([^)]*\)", "", text.rstrip("?"))
    base, bracket, _ = text.partition("[")
    kind = TYPES.get(base.rstrip("?"), base)
    if bracket:
        kind = {"int": "ints", "Tensor": "Tensors", "float": "floats"}.get(kind, "sequence")
        if re.search(r"\[\d+\]", text) and kind == "ints":
            kind = "int|ints"
    return kind + ("|None" if optional else "")


def split(text: str) -> list[str]:
    """The arguments of a schema, at the commas outside brackets."""
    parts, depth, last = [], 0, 0
    for i, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and not depth:
            parts.append(text[last:i].strip())
            last = i + 1
    return [*parts, text[last:].strip()]
