"""Keywords that are deprecated, and those that a call had better give."""

from collections.abc import Mapping

from lintml.torch_api.history_forms import KeywordChange
from lintml.torch_api.names import OLDEST, Name, Version

_SCHEDULERS = "torch.optim.lr_scheduler."
# Schedulers that may be set to an epoch, or between two.
_BY_EPOCH = {f"{_SCHEDULERS}{name}" for name in ("CosineAnnealingWarmRestarts", "ReduceLROnPlateau")}
# A default that says nothing but that the keyword is going away.
_GOING = ("'deprecated'", '"deprecated"')


def deprecated_keyword(name: Name, keyword: str) -> KeywordChange | None:
    """A keyword that a callable still takes, or took, but warns of."""
    if keyword in ("size_average", "reduce") and name.keyword_span("reduction") and name.keyword_span("size_average"):
        return KeywordChange(name.path, keyword, OLDEST, None, "reduction", "size_average and reduce became reduction")
    for span, overloads in name.history:
        for parameter in (p for signature in overloads for p in signature.parameters if p.name == keyword):
            if parameter.default in _GOING:
                return KeywordChange(name.path, keyword, span[0])
    owner, _, method = name.path.rpartition(".")
    if keyword == "epoch" and method == "step" and owner.startswith(_SCHEDULERS) and owner not in _BY_EPOCH:
        return KeywordChange(name.path, keyword, OLDEST, None, "", "each step is one epoch")
    return DEPRECATED.get((name.path, keyword))


def is_sound(name: Name, keyword: str, version: Version) -> bool:
    """Whether a glance at one version's signatures shows that nothing became of a keyword."""
    overloads = name.at(version)
    taken = [each.parameters[each.by_name[keyword]] for each in overloads if keyword in each.by_name]
    told = keyword in ("size_average", "reduce", "epoch") or (name.path, keyword) in DEPRECATED
    return bool(taken) and not told and not any(parameter.default in _GOING for parameter in taken)


def reduction(size_average: bool | None, reduce: bool | None) -> str:
    """The ``reduction`` that torch reads out of the two old flags; None stands for a flag that is not given."""
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


DEPRECATED: Mapping[tuple[str, str], KeywordChange] = {
    (path, keyword): KeywordChange(path, keyword, since, None, new, note)
    for path, keyword, since, new, note in (
        ("torch.utils.data.Sampler", "data_source", (2, 1), "", "it was never used"),
        ("torch.utils.data.DataLoader", "pin_memory_device", (2, 9), "", "the accelerator in use is taken"),
    )
}

# Calls that warn, or change their meaning, unless a keyword is given: path -> keyword, since when, what to give.
EXPLICIT: Mapping[str, tuple[str, Version, str]] = {
    "torch.load": ("weights_only", (1, 13), "True"),
    "torch.meshgrid": ("indexing", (1, 10), '"ij"'),
    "torch.utils.checkpoint.checkpoint": ("use_reentrant", (2, 1), "False"),
    "torch.utils.checkpoint.checkpoint_sequential": ("use_reentrant", (2, 1), "False"),
    "torch.stft": ("return_complex", (1, 8), "True"),
    "torch.nn.functional.softmax": ("dim", (1, 8), "-1"),
    "torch.nn.functional.log_softmax": ("dim", (1, 8), "-1"),
    "torch.nn.functional.softmin": ("dim", (1, 8), "-1"),
    "torch.nn.Softmax": ("dim", (1, 8), "-1"),
    "torch.nn.LogSoftmax": ("dim", (1, 8), "-1"),
    "torch.nn.Softmin": ("dim", (1, 8), "-1"),
}
