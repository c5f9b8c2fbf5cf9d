"""Where the stubs of compiled functions are wrong, found by calling them and reading what C++ says it takes."""

from dataclasses import dataclass, replace

from lintml.torch_api.parameters import Signature, parse_signature


@dataclass(frozen=True, slots=True)
class Repair:
    """What to change in each overload of a function, and the overloads that the stub forgets.

    ``positional`` is how many parameters may be given by position; ``also`` are keyword-only parameters to add, written
    as in a signature; ``renamed`` maps the stub's names to those that C++ takes; ``without`` are not there at all.
    """

    positional: int | None = None
    also: str = ""
    renamed: tuple[tuple[str, str], ...] = ()
    without: tuple[str, ...] = ()
    overloads: tuple[str, ...] = ()

    def __call__(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        return (*(str(self.repaired(parse_signature(text))) for text in texts), *self.overloads)

    def repaired(self, signature: Signature) -> Signature:
        names = dict(self.renamed)
        kept = [replace(p, name=names.get(p.name, p.name)) for p in signature.parameters if p.name not in self.without]
        if self.positional is not None:
            kept = [replace(p, kind="keyword") if i >= self.positional else p for i, p in enumerate(kept)]
        have = {p.name for p in kept}
        added = parse_signature(f"(*, {self.also})").parameters if self.also else ()
        return Signature((*kept, *(p for p in added if p.name not in have)))


_PINNED = "pin_memory: bool = False"
_LAID_OUT = f"layout: layout|None = None, {_PINNED}"

REPAIRS = {
    "torch.as_tensor": Repair(positional=1),
    "torch.dsmm": Repair(also="out: Tensor|None = None"),
    "torch.hsmm": Repair(renamed=(("input", "mat1"),)),
    "torch.numel": Repair(renamed=(("self", "input"),)),
    "torch.spmm": Repair(also="out: Tensor|None = None"),
    "torch.tensor": Repair(positional=1),
    "torch.to_dlpack": Repair(without=("dl_device", "copy")),
    "torch.sparse_bsc_tensor": Repair(also=_LAID_OUT),
    "torch.sparse_bsr_tensor": Repair(also=_LAID_OUT),
    "torch.sparse_compressed_tensor": Repair(also=_PINNED),
    "torch.sparse_coo_tensor": Repair(
        also=_PINNED,
        overloads=(
            "(size: ints, *, dtype: dtype|None = None, device: device|None = None, requires_grad: bool = False, "
            "check_invariants: bool|None = None)",
        ),
    ),
    "torch.sparse_csc_tensor": Repair(also=_LAID_OUT),
    "torch.sparse_csr_tensor": Repair(also=_LAID_OUT),
    "torch.distributed.rpc.WorkerInfo": Repair(renamed=(("worker_id", "id"),)),
    "torch.device": Repair(overloads=("(type: str)",)),
    "torch.Tensor.contiguous": Repair(positional=0),
    "torch.Tensor.cpu": Repair(positional=0),
    "torch.Tensor.cuda": Repair(positional=2),
    "torch.Tensor.floor_divide": Repair(without=("out",)),
    "torch.Tensor.is_contiguous": Repair(positional=0),
    "torch.Tensor.new_tensor": Repair(positional=1, without=("pin_memory",)),
    "torch.Tensor.random_": Repair(renamed=(("from_", "from"),)),
    "torch.Tensor.requires_grad_": Repair(renamed=(("mode", "requires_grad"),)),
    "torch.Tensor.set_": Repair(overloads=("()", "(source: Storage|Tensor, storage_offset: int, size: ints)")),
    "torch.Tensor.to": Repair(renamed=(("other", "tensor"),)),
    "torch.Tensor.true_divide": Repair(without=("out",)),
    "torch.Tensor.type": Repair(also="memory_format: memory_format|None = None"),
    "torch.Tensor.uniform_": Repair(renamed=(("from_", "from"),)),
    "torch.Tensor.xpu": Repair(positional=2),
}
