"""What a call computed, as a graph of aten operators; questions about it are asked in the terms of the field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

MULTIPLIES = frozenset(["mm", "bmm", "addmm", "baddbmm", "matmul", "linear", "mv", "dot", "addmv", "einsum"])
VIEWS = frozenset(
    [
        "view",
        "_unsafe_view",
        "reshape",
        "_reshape_alias",
        "transpose",
        "permute",
        "t",
        "expand",
        "squeeze",
        "unsqueeze",
        "clone",
        "contiguous",
        "repeat",
        "select",
        "slice",
        "split",
        "split_with_sizes",
        "chunk",
        "unbind",
        "alias",
        "detach",
        "as_strided",
        "stack",
        "cat",
        "_to_copy",
        "to",
        "numpy_T",
        "unfold",
        "narrow",
        "copy_",
        "empty",
        "tril",
        "triu",
        "ones",
        "zeros",
        "eq",
        "ones_like",
        "zeros_like",
        "logical_not",
        "bitwise_not",
        "arange",
        "lt",
        "gt",
        "le",
        "ge",
        "lift_fresh",
        "new_ones",
        "scalar_tensor",
        "full",
        "full_like",
    ]
)
RANDOM = frozenset(
    [
        "bernoulli",
        "bernoulli_",
        "rand",
        "rand_like",
        "native_dropout",
        "uniform",
        "uniform_",
        "randn",
        "randn_like",
        "normal",
        "normal_",
        "randint",
    ]
)
SOFTMAXES = frozenset(["_softmax", "softmax", "_safe_softmax"])


@dataclass(frozen=True, slots=True)
class Step:
    """One operator: the numbers of the tensors it reads and makes, their shapes, and its plain arguments."""

    op: str
    reads: tuple[int, ...]
    read_shapes: tuple[tuple[int, ...], ...]
    makes: tuple[int, ...]
    shapes: tuple[tuple[int, ...], ...]
    settings: tuple[Any, ...]
    dtypes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Graph:
    """The steps of a call in order, the names of its inputs (``i0``) and parameters (``p:NAME``), and its outputs."""

    steps: tuple[Step, ...]
    names: Mapping[int, str]
    outputs: tuple[int, ...]

    @cached_property
    def makers(self) -> dict[int, Step]:
        """The step that made each tensor (the first one, for a tensor changed in place)."""
        found: dict[int, Step] = {}
        for step in self.steps:
            for number in step.makes:
                found.setdefault(number, step)
        return found

    @cached_property
    def sources(self) -> dict[int, frozenset[str]]:
        """The inputs and parameters that each tensor is computed from."""
        found = {number: frozenset((name,)) for number, name in self.names.items()}
        for step in self.steps:
            read = frozenset[str]().union(*(found.get(number, frozenset()) for number in step.reads))
            for number in step.makes:
                found[number] = found.get(number, frozenset()) | read
        return found

    def made_by(self, number: int) -> Step | None:
        """The step that computed a tensor, before it was only reshaped."""
        step = self.makers.get(number)
        while step is not None and step.op in VIEWS and step.reads:
            step = self.makers.get(step.reads[0])
        return step

    def ops(self) -> frozenset[str]:
        """The operators used."""
        return self._ops

    @cached_property
    def _ops(self) -> frozenset[str]:
        return frozenset(step.op for step in self.steps)

    def coarse(self) -> bool:
        """Whether something is computed in less than float64."""
        return any(dtype in ("float32", "float16", "bfloat16") for step in self.steps for dtype in step.dtypes)

    def from_inputs(self, number: int) -> bool:
        """Whether a tensor is computed from an input."""
        return any(name.startswith("i") for name in self.sources.get(number, ()))

    def parameters_of(self, number: int) -> list[str]:
        """The parameters that a tensor is computed from, in the order of their first use."""
        mine = self.sources.get(number, frozenset())
        ordered = dict.fromkeys(
            self.names[read]
            for step in self.steps
            for read in step.reads
            if read in self.names and self.names[read] in mine
        )
        return [name[2:] for name in ordered if name.startswith("p:")]

    def products(self) -> list[Step]:
        """The matrix products of two tensors that both depend on inputs."""
        return [step for step in self.steps if step.op in MULTIPLIES and sum(map(self.from_inputs, step.reads)) >= 2]

    def projections(self) -> list[Step]:
        """The matrix products of something computed from inputs with a parameter."""
        return [step for step in self.steps if step.op in MULTIPLIES and sum(map(self.from_inputs, step.reads)) == 1]

    def between(self, ends: tuple[int, ...], starts: frozenset[int]) -> Iterator[Step]:
        """The steps on the way back from ``ends``, not going past the tensors ``starts``."""
        waiting, seen = list(ends), set[int]()
        while waiting:
            number = waiting.pop()
            if number in seen or number in starts:
                continue
            seen.add(number)
            step = self.makers.get(number)
            if step is not None:
                yield step
                waiting.extend(step.reads)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Graph":
        """The graph of a child's trace; raises KeyError, TypeError or ValueError where it is none."""
        steps = tuple(
            Step(
                str(step["op"]),
                tuple(map(int, step["reads"])),
                tuple(tuple(map(int, shape)) for shape in step["read_shapes"]),
                tuple(map(int, step["makes"])),
                tuple(tuple(map(int, shape)) for shape in step["shapes"]),
                tuple(step["settings"]),
                tuple(map(str, step["dtypes"])),
            )
            for step in data["steps"]
        )
        names = {int(number): str(name) for number, name in data["names"].items()}
        return Graph(steps, names, tuple(map(int, data["outputs"])))
