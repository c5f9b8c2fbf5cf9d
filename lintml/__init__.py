"""The door: all that a rule file may import, loaded when first asked for so that start-up stays short."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_DOOR = {
    "lintml.rule": ("Rule",),
    "lintml.model": (
        "AddDecorator", "AddImport", "AddParameter", "Change", "Claim", "Finding", "Fix", "Insert", "Page", "Reason",
        "Remove", "RemoveArgument", "Rename", "Replace", "SetArgument", "SetBases", "Snippet",
    ),
    "lintml.analysis.arity": ("Misfit",),
    "lintml.analysis.attention": ("Attention",),
    "lintml.analysis.applying": ("NORMALISING",),
    "lintml.analysis.facts": ("Facts",),
    "lintml.analysis.momentum": ("GRADIENT", "Momentum"),
    "lintml.analysis.names": ("Undefined",),
    "lintml.analysis.optimizers": ("MissingGradient", "PastAutograd", "Step"),
    "lintml.analysis.polynomials": ("Atom", "Polynomial"),
    "lintml.analysis.terms": ("TERMS",),
    "lintml.analysis.trace": ("Clash", "DeviceMix"),
    "lintml.analysis.tree": ("walk",),
    "lintml.analysis.unpacking": ("Unpacking",),
    "lintml.analysis.values": ("Application", "Function", "PageClass"),
    "lintml.proposals": ("gravity", "take_what_is_given"),
    "lintml.shapes.dim": ("multiple",),
    "lintml.torch_api.conventional": ("CONVENTIONAL",),
    "lintml.torch_api.names": ("exists", "fold", "homes", "lookup", "members"),
    "lintml.wording": ("spell_width",),
}  # fmt: skip
_HOME = {name: module for module, names in _DOOR.items() for name in names}

__all__ = sorted(_HOME)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lintml' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
