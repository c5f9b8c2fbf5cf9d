"""Which rule of ours says what each public code of TorchFix says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parity:
    """A code of TorchFix 0.7, what it finds, our rule for it (empty where there is none) and what to know beside."""

    code: str
    finds: str
    rule: str
    note: str = ""


TORCHFIX = (
    Parity("TOR001", "a call of a function that was removed", "DEP001"),
    Parity("TOR002", "an assignment to `require_grad`", "API002", "one edit from `requires_grad`"),
    Parity("TOR003", "a checkpoint without `use_reentrant`", "", "in history.EXPLICIT"),
    Parity("TOR004", "an import of a function that was removed", "DEP001"),
    Parity("TOR101", "a call of a function that is deprecated", "DEP002"),
    Parity("TOR102", "`torch.load` without `weights_only`", "DAT001"),
    Parity("TOR103", "an import of a function that is deprecated", "DEP002"),
    Parity("TOR104", "a call of a private function that has a public name", "", "in history.PUBLIC"),
    Parity("TOR105", "an import of a private function that has a public name", "", "in history.PUBLIC"),
    Parity("TOR106", "`torch.log(1 + x)`", ""),
    Parity("TOR107", "`torch.exp(x) - 1`", ""),
    Parity("TOR201", "`pretrained=` of torchvision's models", "DEP007", "weights in history_vision"),
    Parity("TOR202", "torchvision's `v2.ToTensor`", ""),
    Parity("TOR203", "`import torchvision.models as models`", ""),
    Parity("TOR401", "a DataLoader without workers", ""),
    Parity("TOR901", "`torch.library.Library` in PyTorch's own tests", ""),
)
