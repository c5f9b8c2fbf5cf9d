"""Which rule of ours says what each public code of TorchFix says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parity:
    """A code of TorchFix 0.7, what it finds, our rule for it and what to know beside."""

    code: str
    finds: str
    rule: str
    note: str = ""


_ASKED = "where it is selected by name"

TORCHFIX = (
    Parity("TOR001", "a call of a function that was removed", "DEP001"),
    Parity("TOR002", "an assignment to `require_grad`", "GRD007"),
    Parity("TOR003", "a checkpoint without `use_reentrant`", "DEP006"),
    Parity("TOR004", "an import of a function that was removed", "DEP001"),
    Parity("TOR101", "a call of a function that is deprecated", "DEP002", "mixed precision by device: DEP005"),
    Parity("TOR102", "`torch.load` without `weights_only`", "DAT001", "since torch 2.6 only of whole models"),
    Parity("TOR103", "an import of a function that is deprecated", "DEP002"),
    Parity("TOR104", "a call of a private function that has a public name", "DEP002", "a note"),
    Parity("TOR105", "an import of a private function that has a public name", "DEP002", "a note"),
    Parity("TOR106", "`torch.log(1 + x)`", "NUM004", "a note"),
    Parity("TOR107", "`torch.exp(x) - 1`", "NUM004", "a note"),
    Parity("TOR201", "`pretrained=` of torchvision's models", "DEP007"),
    Parity("TOR202", "torchvision's `v2.ToTensor`", "DEP002"),
    Parity("TOR203", "`import torchvision.models as models`", "API008", _ASKED),
    Parity("TOR401", "a DataLoader without workers", "DAT003", _ASKED),
    Parity("TOR901", "`torch.library.Library` in PyTorch's own tests", "API009", _ASKED),
)
