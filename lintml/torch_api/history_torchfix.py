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
    Parity("TOR002", "an assignment to `require_grad`", ""),
    Parity("TOR003", "a checkpoint without `use_reentrant`", "DEP006"),
    Parity("TOR004", "an import of a function that was removed", "DEP001"),
    Parity("TOR101", "a call of a function that is deprecated", "DEP002", "mixed precision by device: DEP005"),
    Parity("TOR102", "`torch.load` without `weights_only`", "DAT001", "since torch 2.6 only of whole models"),
    Parity("TOR103", "an import of a function that is deprecated", "DEP002"),
    Parity("TOR104", "a call of a private function that has a public name", "DEP002", "a note"),
    Parity("TOR105", "an import of a private function that has a public name", "DEP002", "a note"),
    Parity("TOR106", "`torch.log(1 + x)`", "", "runs; a matter of rounding"),
    Parity("TOR107", "`torch.exp(x) - 1`", "", "runs; a matter of rounding"),
    Parity("TOR201", "`pretrained=` of torchvision's models", "DEP007"),
    Parity("TOR202", "torchvision's `v2.ToTensor`", "", "torchvision's own deprecations are not kept"),
    Parity("TOR203", "`import torchvision.models as models`", "", "runs; a matter of style"),
    Parity("TOR401", "a DataLoader without workers", "", "right where the data are in memory"),
    Parity("TOR901", "`torch.library.Library` in PyTorch's own tests", "", "not for documents"),
)
