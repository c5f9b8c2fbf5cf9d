"""Frames between judge and child: JSON and raw bytes, bounds checked, never a pickle.

A frame is ``u32`` length of the JSON, ``u64`` length of the blob (both little endian), the JSON as UTF-8, the blob.
The JSON is ``{"head": …, "arrays": [[name, dtype, shape], …]}``; the blob is the arrays' bytes, one after the other,
contiguous, in the machine's byte order. Floats that are not finite travel as ``NaN`` and ``Infinity``.
"""

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ITEM_SIZE = {
    "bool": 1,
    "uint8": 1,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "float16": 2,
    "bfloat16": 2,
    "float32": 4,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
}
MAX_RANK = 8
MAX_ARRAYS = 4096
MAX_JSON = 16 << 20
MAX_BLOB = 512 << 20

_PREFIX = struct.Struct("<IQ")


class Malformed(ValueError):
    """Bytes that are no frame of ours."""


@dataclass(frozen=True, slots=True)
class Array:
    """A tensor as bytes: contiguous, row-major, in the machine's byte order; ``dtype`` is a key of ``ITEM_SIZE``."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    def __post_init__(self) -> None:
        if self.dtype not in ITEM_SIZE:
            raise Malformed(f"dtype {self.dtype!r} does not travel")
        if len(self.shape) > MAX_RANK or any(type(size) is not int or size < 0 for size in self.shape):
            raise Malformed(f"shape {self.shape!r} does not travel")
        want = math.prod(self.shape) * ITEM_SIZE[self.dtype]
        if len(self.data) != want:
            raise Malformed(f"{self.dtype}{list(self.shape)} takes {want} bytes, got {len(self.data)}")
        if self.dtype == "bool" and self.data.translate(None, b"\0\1"):
            raise Malformed("a bool is neither 0 nor 1")


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: a JSON object and named arrays."""

    head: dict[str, Any]
    arrays: dict[str, Array]


def pack(head: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """The bytes of a frame; TypeError or ValueError where the head is no JSON, Malformed where it is too large."""
    described = [[name, array.dtype, array.shape] for name, array in arrays.items()]
    text = json.dumps({"head": head, "arrays": described}, ensure_ascii=False).encode("utf-8", "replace")
    size = sum(len(array.data) for array in arrays.values())
    if len(text) > MAX_JSON or size > MAX_BLOB or len(arrays) > MAX_ARRAYS:
        raise Malformed(f"a frame of {len(text)} bytes of JSON and {size} bytes of arrays is too large")
    return b"".join([_PREFIX.pack(len(text), size), text, *(array.data for array in arrays.values())])


class Reader:
    """Takes bytes as they come and gives the frames they make; memory follows what has come, not what was announced."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished frame are held."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Frame | None:
        """Add ``data``; the frame it completes, if any. Raises Malformed on bytes that can be no frame of ours."""
        self._buffer += data
        if len(self._buffer) < _PREFIX.size:
            return None
        text, blob = _PREFIX.unpack_from(self._buffer)
        if text > MAX_JSON or blob > MAX_BLOB:
            raise Malformed(f"a frame announces {text} bytes of JSON and {blob} bytes of arrays")
        end = _PREFIX.size + text + blob
        if len(self._buffer) < end:
            return None
        with memoryview(self._buffer) as view, view[end - blob : end] as arrays:
            frame = _parse(bytes(view[_PREFIX.size : _PREFIX.size + text]), arrays)
        del self._buffer[:end]
        return frame


def _parse(text: bytes, blob: memoryview) -> Frame:
    try:
        content = json.loads(text.decode("utf-8"))
        if b"\\ud" in text.lower():  # maybe a lone surrogate, which no report can print
            json.dumps(content, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Malformed(f"a frame is no JSON: {error}") from None
    match content:
        case {"head": dict(head), "arrays": list(described)} if len(content) == 2 and len(described) <= MAX_ARRAYS:
            return Frame(head, _cut(described, blob))
        case _:
            raise Malformed("a frame is not {head, arrays}")


def _cut(described: list[Any], blob: memoryview) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    start = 0
    for entry in described:
        match entry:
            case [str(name), str(dtype), list(shape)] if (
                dtype in ITEM_SIZE
                and len(shape) <= MAX_RANK
                and all(type(size) is int and 0 <= size <= MAX_BLOB for size in shape)
                and name not in arrays
            ):
                end = start + math.prod(shape) * ITEM_SIZE[dtype]
                if end > len(blob):
                    raise Malformed(f"array {name!r} ends after its frame")
                arrays[name] = Array(dtype, tuple(shape), bytes(blob[start:end]))
                start = end
            case _:
                raise Malformed("an array is not [name, dtype, shape], or its name came before")
    if start != len(blob):
        raise Malformed(f"{len(blob) - start} bytes belong to no array")
    return arrays
