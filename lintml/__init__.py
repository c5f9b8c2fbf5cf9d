"""The door, a table of all that a rule file may import, loaded when first asked for so that start-up stays short."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lintml.analysis.absences import Absent as Absent
    from lintml.analysis.accuracy import (
        judges as judges,
    )
    from lintml.analysis.accuracy import (
        measures as measures,
    )
    from lintml.analysis.applying import NORMALISING as NORMALISING
    from lintml.analysis.arity import Misfit as Misfit
    from lintml.analysis.attention import Attention as Attention
    from lintml.analysis.built import Built as Built
    from lintml.analysis.dtypes import given_dtype as given_dtype
    from lintml.analysis.facts import Facts as Facts
    from lintml.analysis.flow import is_free as is_free
    from lintml.analysis.gradients import carries_gradient as carries_gradient
    from lintml.analysis.holdings import (
        Held as Held,
    )
    from lintml.analysis.holdings import (
        has_parameters as has_parameters,
    )
    from lintml.analysis.holdings import (
        held_apart as held_apart,
    )
    from lintml.analysis.holdings import (
        with_parts as with_parts,
    )
    from lintml.analysis.invocations import (
        Invocation as Invocation,
    )
    from lintml.analysis.invocations import (
        is_certain as is_certain,
    )
    from lintml.analysis.invocations import (
        is_module as is_module,
    )
    from lintml.analysis.invocations import (
        is_optimizer as is_optimizer,
    )
    from lintml.analysis.lineage import (
        has_unknown_base as has_unknown_base,
    )
    from lintml.analysis.lineage import (
        is_plain as is_plain,
    )
    from lintml.analysis.lineage import (
        library_bases as library_bases,
    )
    from lintml.analysis.lineage import (
        lineage as lineage,
    )
    from lintml.analysis.lineage import (
        own_methods as own_methods,
    )
    from lintml.analysis.lineage import (
        reads_and_writes as reads_and_writes,
    )
    from lintml.analysis.lineage import (
        receiver as receiver,
    )
    from lintml.analysis.losses import Judged as Judged
    from lintml.analysis.memory import ScatteredView as ScatteredView
    from lintml.analysis.momentum import (
        GRADIENT as GRADIENT,
    )
    from lintml.analysis.momentum import (
        Momentum as Momentum,
    )
    from lintml.analysis.names import Undefined as Undefined
    from lintml.analysis.optimizers import (
        MissingGradient as MissingGradient,
    )
    from lintml.analysis.optimizers import (
        PastAutograd as PastAutograd,
    )
    from lintml.analysis.optimizers import (
        Step as Step,
    )
    from lintml.analysis.outdated import Outdated as Outdated
    from lintml.analysis.pairs import Misuse as Misuse
    from lintml.analysis.parameter_loops import is_looped_parameter as is_looped_parameter
    from lintml.analysis.polynomials import (
        Atom as Atom,
    )
    from lintml.analysis.polynomials import (
        Polynomial as Polynomial,
    )
    from lintml.analysis.singletons import Singleton as Singleton
    from lintml.analysis.splitting import Split as Split
    from lintml.analysis.terms import TERMS as TERMS
    from lintml.analysis.torch_misfits import TorchMisfit as TorchMisfit
    from lintml.analysis.trace import (
        Clash as Clash,
    )
    from lintml.analysis.trace import (
        DeviceMix as DeviceMix,
    )
    from lintml.analysis.trace import (
        Store as Store,
    )
    from lintml.analysis.training import (
        Block as Block,
    )
    from lintml.analysis.training import (
        Move as Move,
    )
    from lintml.analysis.tree import walk as walk
    from lintml.analysis.triangles import (
        Triangle as Triangle,
    )
    from lintml.analysis.triangles import (
        Triangles as Triangles,
    )
    from lintml.analysis.unpacking import Unpacking as Unpacking
    from lintml.analysis.values import (
        Application as Application,
    )
    from lintml.analysis.values import (
        Bound as Bound,
    )
    from lintml.analysis.values import (
        Function as Function,
    )
    from lintml.analysis.values import (
        Instance as Instance,
    )
    from lintml.analysis.values import (
        Items as Items,
    )
    from lintml.analysis.values import (
        Layer as Layer,
    )
    from lintml.analysis.values import (
        Made as Made,
    )
    from lintml.analysis.values import (
        PageClass as PageClass,
    )
    from lintml.analysis.values import (
        Tensor as Tensor,
    )
    from lintml.model import (
        AddDecorator as AddDecorator,
    )
    from lintml.model import (
        AddImport as AddImport,
    )
    from lintml.model import (
        AddParameter as AddParameter,
    )
    from lintml.model import (
        Change as Change,
    )
    from lintml.model import (
        Claim as Claim,
    )
    from lintml.model import (
        Finding as Finding,
    )
    from lintml.model import (
        Fix as Fix,
    )
    from lintml.model import (
        Insert as Insert,
    )
    from lintml.model import (
        Page as Page,
    )
    from lintml.model import (
        Place as Place,
    )
    from lintml.model import (
        Reason as Reason,
    )
    from lintml.model import (
        Remove as Remove,
    )
    from lintml.model import (
        RemoveArgument as RemoveArgument,
    )
    from lintml.model import (
        Rename as Rename,
    )
    from lintml.model import (
        Replace as Replace,
    )
    from lintml.model import (
        SetArgument as SetArgument,
    )
    from lintml.model import (
        SetBases as SetBases,
    )
    from lintml.model import (
        Severity as Severity,
    )
    from lintml.model import (
        Snippet as Snippet,
    )
    from lintml.model import (
        Span as Span,
    )
    from lintml.proposals import (
        gravity as gravity,
    )
    from lintml.proposals import (
        imported as imported,
    )
    from lintml.proposals import (
        is_number as is_number,
    )
    from lintml.proposals import (
        leave_out as leave_out,
    )
    from lintml.proposals import (
        operand as operand,
    )
    from lintml.proposals import (
        stack_of_layers as stack_of_layers,
    )
    from lintml.proposals import (
        take_what_is_given as take_what_is_given,
    )
    from lintml.proposals import (
        to_int64 as to_int64,
    )
    from lintml.proposals import (
        uses_of as uses_of,
    )
    from lintml.renewal import (
        release as release,
    )
    from lintml.renewal import (
        renewed as renewed,
    )
    from lintml.renewal import (
        since as since,
    )
    from lintml.rule import Rule as Rule
    from lintml.shapes.dim import (
        meant_equal as meant_equal,
    )
    from lintml.shapes.dim import (
        multiple as multiple,
    )
    from lintml.shapes.dim import (
        symbols as symbols,
    )
    from lintml.shapes.shape import (
        Axis as Axis,
    )
    from lintml.shapes.shape import (
        Shape as Shape,
    )
    from lintml.torch_api.conventional import CONVENTIONAL as CONVENTIONAL
    from lintml.torch_api.history import (
        EXPLICIT as EXPLICIT,
    )
    from lintml.torch_api.history import (
        KeywordChange as KeywordChange,
    )
    from lintml.torch_api.history import (
        change as change,
    )
    from lintml.torch_api.history import (
        keyword_change as keyword_change,
    )
    from lintml.torch_api.history import (
        reduction as reduction,
    )
    from lintml.torch_api.history_foreign import (
        Foreign as Foreign,
    )
    from lintml.torch_api.history_foreign import (
        foreign as foreign,
    )
    from lintml.torch_api.history_foreign import (
        meant_keyword as meant_keyword,
    )
    from lintml.torch_api.history_vision import weights as weights
    from lintml.torch_api.names import (
        Name as Name,
    )
    from lintml.torch_api.names import (
        Version as Version,
    )
    from lintml.torch_api.names import (
        close as close,
    )
    from lintml.torch_api.names import (
        exists as exists,
    )
    from lintml.torch_api.names import (
        fold as fold,
    )
    from lintml.torch_api.names import (
        homes as homes,
    )
    from lintml.torch_api.names import (
        is_class as is_class,
    )
    from lintml.torch_api.names import (
        lookup as lookup,
    )
    from lintml.torch_api.names import (
        members as members,
    )
    from lintml.torch_api.names import (
        nearest as nearest,
    )
    from lintml.torch_api.slips import within_edits as within_edits
    from lintml.torch_api.stateful import is_stateful as is_stateful
    from lintml.wording import spell_width as spell_width

__version__ = "0.1.0"

_DOOR = {
    "lintml.rule": ("Rule",),
    "lintml.model": (
        "AddDecorator", "AddImport", "AddParameter", "Change", "Claim", "Finding", "Fix", "Insert", "Page", "Place",
        "Reason", "Remove", "RemoveArgument", "Rename", "Replace", "SetArgument", "SetBases", "Severity", "Snippet",
        "Span",
    ),
    "lintml.analysis.accuracy": ("judges", "measures"),
    "lintml.analysis.arity": ("Misfit",),
    "lintml.analysis.attention": ("Attention",),
    "lintml.analysis.applying": ("NORMALISING",),
    "lintml.analysis.built": ("Built",),
    "lintml.analysis.dtypes": ("given_dtype",),
    "lintml.analysis.facts": ("Facts",),
    "lintml.analysis.flow": ("is_free",),
    "lintml.analysis.gradients": ("carries_gradient",),
    "lintml.analysis.holdings": ("Held", "has_parameters", "held_apart", "with_parts"),
    "lintml.analysis.invocations": ("Invocation", "is_certain", "is_module", "is_optimizer"),
    "lintml.analysis.losses": ("Judged",),
    "lintml.analysis.momentum": ("GRADIENT", "Momentum"),
    "lintml.analysis.names": ("Undefined",),
    "lintml.analysis.lineage": (
        "has_unknown_base", "is_plain", "library_bases", "lineage", "own_methods", "reads_and_writes", "receiver",
    ),
    "lintml.analysis.optimizers": ("MissingGradient", "PastAutograd", "Step"),
    "lintml.analysis.outdated": ("Outdated",),
    "lintml.analysis.memory": ("ScatteredView",),
    "lintml.analysis.pairs": ("Misuse",),
    "lintml.analysis.parameter_loops": ("is_looped_parameter",),
    "lintml.analysis.polynomials": ("Atom", "Polynomial"),
    "lintml.analysis.singletons": ("Singleton",),
    "lintml.analysis.splitting": ("Split",),
    "lintml.analysis.terms": ("TERMS",),
    "lintml.analysis.absences": ("Absent",),
    "lintml.analysis.torch_misfits": ("TorchMisfit",),
    "lintml.analysis.trace": ("Clash", "DeviceMix", "Store"),
    "lintml.analysis.tree": ("walk",),
    "lintml.analysis.triangles": ("Triangle", "Triangles"),
    "lintml.analysis.unpacking": ("Unpacking",),
    "lintml.analysis.values": (
        "Application", "Bound", "Function", "Instance", "Items", "Layer", "Made", "PageClass", "Tensor",
    ),
    "lintml.proposals": (
        "gravity", "imported", "is_number", "leave_out", "operand", "stack_of_layers", "take_what_is_given", "to_int64",
        "uses_of",
    ),
    "lintml.analysis.training": ("Block", "Move"),
    "lintml.renewal": ("release", "renewed", "since"),
    "lintml.torch_api.slips": ("within_edits",),
    "lintml.shapes.dim": ("meant_equal", "multiple", "symbols"),
    "lintml.shapes.shape": ("Axis", "Shape"),
    "lintml.torch_api.conventional": ("CONVENTIONAL",),
    "lintml.torch_api.history": ("EXPLICIT", "KeywordChange", "change", "keyword_change", "reduction"),
    "lintml.torch_api.history_foreign": ("Foreign", "foreign", "meant_keyword"),
    "lintml.torch_api.history_vision": ("weights",),
    "lintml.torch_api.names": (
        "Name", "Version", "close", "exists", "fold", "homes", "is_class", "lookup", "members", "nearest",
    ),
    "lintml.torch_api.stateful": ("is_stateful",),
    "lintml.wording": ("spell_width",),
}  # fmt: skip
_HOME = {name: module for module, names in _DOOR.items() for name in names}

__all__ = sorted(_HOME)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lintml' has no attribute {name!r}")
    # Kept, so that the next rule file finds it without coming here.
    found = globals()[name] = getattr(import_module(_HOME[name]), name)
    return found
