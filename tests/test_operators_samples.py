"""The tables against torch's own test samples: valid calls never clash and have the shape that is said, errors are seen."""

import random
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
import torch
from torch_oracle import Symbols, disagreement, explore, known, plain, say, shapes_of, unranked

from lintml.shapes.call import UNKNOWN
from lintml.shapes.notation import REQUIRED
from lintml.shapes.signature import Signature
from lintml.torch_api import operators

pytest.importorskip("expecttest", reason="torch's test samples need it")

MOST_SAMPLES, STEP = 8, 3  # of one operator, taken at steps from the first that torch makes

# Operators that torch's tests call through a function with parameters of its own.
WRAPPED = {
    "nn.functional.embedding",
    "nn.functional.embedding_bag",
    "normal",
    "polygamma",
    "special.polygamma",
    "linalg.pinv singular",
}
# What an error says that comes from the sizes of tensors, and what comes from anything else.
SHAPE = re.compile(
    r"size|shape|dim|rank|broadcast|expand|match|channel|kernel|vector|matri|square|split|length|concat", re.I
)
OTHER = re.compile(
    r"type|out=|out\b|not a valid|not valid|reduction|probability|distribution|dtype|negative|non-positive|greater than|"
    r"less than|must be at least 0|64 dims|integral|0-dimensional value|category|categories|overflow|requires_grad|"
    r"device|sparse|quantile\(\) q|index \d+ is out|identity|bool mask|n_sample|empty",
    re.I,
)


@dataclass
class Tally:
    """What came of all samples."""

    operators: set[str] = field(default_factory=set)
    agreed: int = 0
    whole: int = 0
    wrong: list[str] = field(default_factory=list)
    errors: int = 0
    seen: int = 0


@dataclass
class Sample:
    """One real call: how it is said to be called, and the function that does it."""

    path: str
    signature: Signature
    arguments: Sequence[Any]
    keywords: dict[str, Any]
    run: Callable[[], Any]
    settings: dict[str, Any] | None = None

    def said(self, lift: Any, script: Sequence[int] = ()) -> Any:
        """What the line says of the call."""
        return say(
            self.signature, self.path, self.arguments, self.keywords, lift, settings=self.settings, script=script
        )


def test_valid_samples_of_functions_and_methods(record_property: Callable[[str, Any], None]) -> None:
    tally = Tally()
    for sample in _function_samples():
        _judge(sample, tally)
    record_property(
        "counted",
        f"OpInfo: {len(tally.operators)} operators covered, {tally.agreed} samples agreed, {tally.whole} known whole",
    )
    assert tally.wrong == []
    assert len(tally.operators) > 650
    assert tally.whole > 0.8 * tally.agreed


def test_valid_samples_of_layers(record_property: Callable[[str, Any], None]) -> None:
    tally = Tally()
    for sample in _layer_samples():
        _judge(sample, tally)
    record_property(
        "counted",
        f"ModuleInfo: {len(tally.operators)} layers covered, {tally.agreed} samples agreed, {tally.whole} known whole",
    )
    assert tally.wrong == []
    assert len(tally.operators) > 100
    assert tally.whole > 0.8 * tally.agreed


def test_error_samples_are_seen(record_property: Callable[[str, Any], None]) -> None:
    tally, missed = Tally(), []
    for message, sample in [*_function_errors(), *_layer_errors()]:
        if not SHAPE.search(message) or OTHER.search(message):
            continue
        tally.errors += 1
        if sample.said(plain).mismatches:
            tally.seen += 1
        else:
            missed.append(f"{sample.path}: {message}")
    record_property("counted", f"error inputs about shapes: {tally.seen} of {tally.errors} seen")
    assert tally.errors > 100
    assert tally.seen >= 0.7 * tally.errors, "\n".join(missed)


def _judge(sample: Sample, tally: Tally) -> None:
    """Hold what is said, with sizes, with symbols, without rank, to what comes out; a call that does not run is none."""
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            truth = shapes_of(sample.run())
    except Exception:
        return
    tally.operators.add(sample.path)
    for lift in (plain, Symbols(free=True), Symbols(free=False)):
        said = sample.said(lift)
        if sample.path == "torch.linalg.lstsq":
            said.outputs, truth = said.outputs[:1], truth[:1]
        wrong = disagreement(sample.path, said, truth, lift if isinstance(lift, Symbols) else None)
        if wrong:
            tally.wrong.append(f"{sample.path}: {wrong}")
            return
        if lift is plain:
            tally.whole += known(said, truth)
    if explore(lambda script: sample.said(unranked, script)) is None:
        tally.wrong.append(f"{sample.path}: no rank fits")
    tally.agreed += 1


def _function_samples() -> Iterator[Sample]:
    for op in _op_db():
        lines = _lines(op)
        inputs = _inputs(op) if lines else []
        for kind, path, signature in lines:
            function = op.op if kind == "function" else op.method_variant
            for sample in inputs:
                if kind == "method" and isinstance(sample.input, (list, tuple)):
                    continue
                yield _sample(function, path, signature, sample)


def _function_errors() -> Iterator[tuple[str, Sample]]:
    for op in _op_db():
        lines = _lines(op)
        if op.error_inputs_func is None or not lines:
            continue
        _, path, signature = lines[0]
        for error in op.error_inputs_func(op, "cpu"):
            yield from _failing(_sample(op.op, path, signature, error.sample_input))


def _failing(sample: Sample) -> Iterator[tuple[str, Sample]]:
    tensors = [each for each in sample.arguments if isinstance(each, torch.Tensor)]
    if any(each.numel() == 0 for each in tensors):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sample.run()
    except (RuntimeError, ValueError, IndexError) as error:
        yield str(error), sample
    except Exception:
        return


def _sample(function: Callable[..., Any], path: str, signature: Signature, sample: Any) -> Sample:
    def run() -> Any:
        first = sample.input
        if isinstance(first, torch.Tensor):
            first = first.detach().clone()  # some operators work in place
        return function(first, *sample.args, **sample.kwargs)

    return Sample(path, signature, [sample.input, *sample.args], sample.kwargs, run)


def _lines(op: Any) -> list[tuple[str, str, Signature]]:
    found = []
    function = operators.function(f"torch.{op.name}")
    wrapped = op.name in WRAPPED or f"{op.name} {op.variant_test_name}" in WRAPPED
    if function is not None and not wrapped:
        found.append(("function", f"torch.{op.name}", function))
    if op.method_variant is not None and "." not in op.name:
        method = operators.method(op.name)
        if method is not None:
            found.append(("method", f"torch.Tensor.{op.name}", method))
    return found


def _inputs(op: Any) -> list[Any]:
    dtype = next((each for each in (torch.float32, torch.int64) if each in op.dtypes), torch.float32)
    return _some(op.sample_inputs_func(op, "cpu", dtype, requires_grad=False))


def _some(samples: Iterable[Any]) -> list[Any]:
    torch.manual_seed(0)
    random.seed(0)
    numpy.random.seed(0)
    return list(islice(samples, 0, MOST_SAMPLES * STEP, STEP))


def _op_db() -> list[Any]:
    from torch.testing._internal.common_methods_invocations import op_db

    return list(op_db)


def _layer_samples() -> Iterator[Sample]:
    for module in _module_db():
        signature = _layer(module)
        if signature is None:
            continue
        for training in (False, True):
            samples = module.module_inputs_func(
                module, device="cpu", dtype=torch.float32, requires_grad=False, training=training
            )
            for sample in _some(samples):
                yield from _layer_sample(module, signature, sample)


def _layer_errors() -> Iterator[tuple[str, Sample]]:
    for module in _module_db():
        signature = _layer(module)
        if signature is None or module.module_error_inputs_func is None:
            continue
        for error in module.module_error_inputs_func(
            module, device="cpu", dtype=torch.float32, requires_grad=False, training=False
        ):
            for sample in _layer_sample(module, signature, error.module_error_input):
                yield from _failing(sample)


def _layer_sample(module: Any, signature: Signature, sample: Any) -> Iterator[Sample]:
    made, given = sample.constructor_input, sample.forward_input
    if given is None:
        return
    bound = {name: UNKNOWN if value is REQUIRED else value for name, value in signature.parameters.items()}
    bound.update(zip(signature.parameters, made.args, strict=False))
    bound.update({name: value for name, value in made.kwargs.items() if name in bound})
    settings = {name: _setting(value) for name, value in bound.items()}
    path = f"torch.nn.{module.module_cls.__name__}"

    def run() -> Any:
        return module.module_cls(*made.args, **made.kwargs)(*given.args, **given.kwargs)

    yield Sample(path, signature, given.args, given.kwargs, run, settings)


def _setting(value: Any) -> Any:
    if isinstance(value, (torch.nn.TransformerEncoderLayer, torch.nn.TransformerDecoderLayer)):
        return SimpleNamespace(settings={"d_model": value.self_attn.embed_dim})
    return UNKNOWN if isinstance(value, (torch.Tensor, torch.dtype, torch.device)) else value


def _layer(module: Any) -> Signature | None:
    return operators.layer(f"torch.nn.{module.module_cls.__name__}")


def _module_db() -> list[Any]:
    from torch.testing._internal.common_modules import module_db

    return list(module_db)
