"""What torch's error messages say about the inputs: a table of messages, each of which gives other inputs to try."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from lintml.verify.inputs.clashes import both_sizes, channels, exact_shape, last_axes, mismatched, multiplied
from lintml.verify.inputs.editing import Step, put
from lintml.verify.inputs.factors import divisible, even, grown, multiple_of, viewed
from lintml.verify.inputs.fields import another_field
from lintml.verify.inputs.forms import (
    layers,
    lists,
    lower_index,
    more_axes,
    numbers_for_tensors,
    of_kind,
    of_rank,
    pairs,
    ranks,
    tensors_for_numbers,
    unpacked,
)
from lintml.verify.inputs.sizes import BATCH, FREE, SPATIAL
from lintml.verify.inputs.spec import Recipe, Tensor, Value


def repairs(recipe: Recipe, error: tuple[str, str]) -> Iterator[Step]:
    """Recipes that the message of ``error`` suggests in place of ``recipe``, the likeliest first."""
    text = error[1]
    for pattern, repair in _REPAIRS:
        found = pattern.search(text)
        if found:
            yield from repair(recipe, found)


def enumerate_inputs(recipe: Recipe) -> Iterator[Step]:
    """Every rank and kind that has not been suggested, one input at a time, then all inputs together."""
    for rank in (2, 3, 4, 1, 5):
        yield from ranks(recipe, rank, 10)
    for index, (_, spec) in enumerate(recipe.inputs):
        if isinstance(spec, Tensor):
            yield Step(put(recipe, index, spec, Tensor((BATCH, FREE[1]), "index", 5)), 11)
            yield Step(put(recipe, index, spec, Tensor((BATCH,), "index", 5)), 12)
            if spec.kind == "float":
                yield Step(put(recipe, index, spec, Tensor((BATCH, 3, *SPATIAL[:2]))), 12)
            yield Step(put(recipe, index, spec, replace(spec, kind="bool", below=0)), 13)
            for axis in range(len(spec.shape)):
                yield Step(put(recipe, index, spec, spec.sized(axis, 1)), 20)
            yield from _settings_as_features(recipe, index, spec)


def _settings_as_features(recipe: Recipe, index: int, spec: Tensor) -> Iterator[Step]:
    """Each constructor size in the place of the features: the last axis, of an image the second."""
    axis = 1 if len(spec.shape) > 3 else -1
    for _, setting in recipe.arguments:
        if spec.shape and isinstance(setting, Value) and type(setting.value) is int and setting.value > 2:
            yield Step(put(recipe, index, spec, spec.sized(axis, setting.value)), 6)
            if axis == 1:
                square = (setting.value,) * len(spec.shape[2:])
                yield Step(put(recipe, index, spec, replace(spec, shape=(*spec.shape[:2], *square))), 4)


_SHAPE = r"[\[(]([\d, ]+)[\])]"
_REPAIRS: tuple[tuple[re.Pattern[str], Callable[[Recipe, re.Match[str]], Iterator[Step]]], ...] = tuple(
    (re.compile(pattern), repair)
    for pattern, repair in (
        (r"'types\.SimpleNamespace' object has no attribute '(\w+)'", another_field),
        (r"^'(\w+)'$", another_field),
        (r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x\d+\)", multiplied),
        (r"size mismatch, got input \(\d+\), mat \((\d+)x(\d+)\), vec \((\d+)\)", multiplied),
        (r"The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)", mismatched),
        (r"first two dimensions of batch2 tensor to be: \[(\d+), (\d+)\] but got: \[(\d+), (\d+)\]", both_sizes),
        (r"The expanded size of the tensor \((\d+)\) must match the existing size \((\d+)\)", mismatched),
        (r"equal size, but got \[(?:\d+, )*(\d+)\] at entry 0 and \[(?:\d+, )*(\d+)\]", mismatched),
        (r"input\d size does not match weight size: got (\d+) but expected (\d+)", mismatched),
        (r"must be even, but dimension \d+ is size (\d+)", even),
        (r"must match except in dimension \d+\. (?:Expected size|Got) (\d+) (?:but got size|and) (\d+)", mismatched),
        (r"has size (\d+) for operand \d+ which does not broadcast with previously seen size (\d+)", mismatched),
        (r"input\.size\(-1\) must be equal to input_size\. Expected (\d+), got (\d+)", mismatched),
        (r"to have (\d+) channels, but got (\d+) channels", channels),
        (r"running_mean should contain (\d+) elements not (\d+)", mismatched),
        (r"expected (?:embedding|hidden) (?:dim|dimension)[^\d]*(\d+)[^\d]+(\d+)", mismatched),
        (r"inconsistent tensor size, expected tensor \[(\d+)\] and src \[(\d+)\]", mismatched),
        (r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)", mismatched),
        (r"expected input with shape \[\*, ([\d, ]+)\], but got input of size", last_axes),
        (rf"Expected hidden(?:\[\d\])? size {_SHAPE}, got {_SHAPE}", exact_shape),
        (r"must be an? (\d)D tensor", of_rank(1)),
        (r"[Ee]xpected (\d)D(?: or \dD)? (?:\(\w+\) )?(?:or \dD \(\w+\) )?(?:input|tensor)", of_rank(1)),
        (r"[Ee]xpected \dD \(unbatched\) or (\d)D \(batched\) input", of_rank(1)),
        (r"input must have (\d) dimensions", of_rank(1)),
        (r"Expected (\d)-?D(?:imensional)? input", of_rank(1)),
        (r"is not equal to len\(dims\) = (\d)", of_rank(1)),
        (r"number of subscripts in the equation \((\d)\) does not match", of_rank(1)),
        (r"Dimension out of range .* but got (\d)\)", of_rank(1, 1)),
        (r"too many indices for tensor of dimension (\d)", of_rank(1, 1)),
        (r"(?:unpack|values) \(expected (\d)", unpacked),
        (r"scalar types?: Long|expected scalar type Long|expected.* to be Long|indices must be|int64|"
         r"(?:only|must be) integer|used as indices must be", of_kind("index")),
        (r"only supports boolean masks|scalar type Bool|bitwise_.*for 'Float'|must be bool", of_kind("bool")),
        (r"not implemented for '(?:Long|Int|Bool)'|[Ee]xpected.*[Ff]loating|can only.*floating point|dtype.*got Long"
         r"|same dtype|Input type .* and (?:weight|bias) type", of_kind("float")),
        (r"between 0 and 1|out of bounds \[0, 1\]", of_kind("unit")),
        (r"index out of range|out of bounds|Class values must be|class indices", lower_index),
        (r"size\(-?\d\)=\d+ is not divisible by (\d+)", multiple_of),
        (r"divisible|^$|assert", divisible),
        (r"Kernel size can't be greater|[Oo]utput size is too small|smaller than kernel size", grown),
        (r"at most \d|at least \d|[Dd]imension(?:s|al)?\b.*expected|dim", more_axes),
        (r"shape '\[([-\d, ]+)\]' is invalid for input of size (\d+)", viewed),
        (r"cannot unpack|not subscriptable|must be tuple|object is not iterable", pairs),
        (r"cannot be interpreted as an integer|must be (?:int|tuple of ints)|integer tensors of a single element"
         r"|argument .* must be .*(?:int|float|Number)|invalid combination of arguments - got .*Tensor",
         numbers_for_tensors),
        (r"argument 'input' \(position 1\) must be Tensor, not (?:int|float)", tensors_for_numbers),
        (r"object is not callable", layers),
        (r"object has no attribute '(?:size|shape|dim|view|mean|float|t)'", tensors_for_numbers),
        (r"'int' object is not (?:iterable|subscriptable)|object of type 'int' has no len", lists),
    )
)  # fmt: skip
