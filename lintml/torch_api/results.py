"""How many values the layers of torch.nn give, for those whose shapes no line states."""

from lintml.torch_api.names import lookup

# Layers that give a pair, or whatever they hold gives.
_PAIRS = frozenset(("LSTM", "GRU", "RNN", "RNNBase", "LSTMCell", "MultiheadAttention", "AdaptiveLogSoftmaxWithLoss"))
_OPEN = frozenset(("Module", "Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict", "Container"))
_WRAPPERS = frozenset(("DataParallel", "SyncBatchNorm"))


def gives_one(path: str) -> bool:
    """Whether a class of torch.nn is a layer whose call gives one tensor, whatever its settings are."""
    head, _, name = path.rpartition(".")
    if head != "torch.nn" or name in _PAIRS | _OPEN | _WRAPPERS or "MaxPool" in name or not name[:1].isupper():
        return False
    known = lookup(path)
    return known is not None and known.kind == "class" and _is_layer(path)


def _is_layer(path: str) -> bool:
    known = lookup(path)
    if known is None:
        return False
    return any(base == "torch.nn.Module" or _is_layer(base) for base in known.bases)
