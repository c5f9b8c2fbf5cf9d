"""The wire: what goes in comes out, and what is no frame is refused, whatever it is."""

import json
import math
import struct
import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintml.verify.sandbox import Array
from lintml.verify.sandbox.wire import ITEM_SIZE, MAX_BLOB, MAX_JSON, Malformed, Reader, pack

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def arrays(draw: st.DrawFn) -> Array:
    dtype = draw(st.sampled_from(sorted(ITEM_SIZE)))
    shape = tuple(draw(st.lists(st.integers(0, 3), max_size=4)))
    size = math.prod(shape) * ITEM_SIZE[dtype]
    byte = st.integers(0, 1 if dtype == "bool" else 255)
    return Array(dtype, shape, bytes(draw(st.lists(byte, min_size=size, max_size=size))))


@given(st.dictionaries(st.text("abc"), json_values), st.dictionaries(st.text("xyz"), arrays(), max_size=3), st.data())
def test_a_frame_comes_back_however_it_is_cut(
    head: dict[str, object], sent: dict[str, Array], data: st.DataObject
) -> None:
    packed = pack(head, sent)
    reader = Reader()
    cut = data.draw(st.integers(0, len(packed)))
    frame = reader.feed(packed[:cut]) or reader.feed(packed[cut:])
    assert frame is not None
    assert (frame.head, frame.arrays, reader.pending) == (head, sent, 0)


@given(st.binary(max_size=200))
def test_noise_is_unfinished_or_malformed_and_nothing_else(noise: bytes) -> None:
    with suppress(Malformed):
        assert Reader().feed(noise) is None


def frame_of(content: object, blob: bytes = b"") -> bytes:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return struct.pack("<IQ", len(text), len(blob)) + text + blob


@pytest.mark.parametrize(
    "data",
    [
        struct.pack("<IQ", MAX_JSON + 1, 0),
        struct.pack("<IQ", 0, MAX_BLOB + 1),
        frame_of(b"{"),
        frame_of(b"\xff\xfe"),
        frame_of(b"[" * 100_000),
        frame_of(b'{"head": {"n": ' + b"9" * 10_000 + b'}, "arrays": []}'),
        frame_of([]),
        frame_of({"head": {}, "arrays": [], "more": 1}),
        frame_of({"head": [], "arrays": []}),
        frame_of({"head": {"text": "\ud800"}, "arrays": []}),
        frame_of({"head": {}, "arrays": [["x", "object", [1]]]}, bytes(8)),
        frame_of({"head": {}, "arrays": [["x", "int8", [-1]]]}),
        frame_of({"head": {}, "arrays": [["x", "int8", [True]]]}, bytes(1)),
        frame_of({"head": {}, "arrays": [["x", "int8", [1.0]]]}, bytes(1)),
        frame_of({"head": {}, "arrays": [["x", "int8", [1] * 9]]}, bytes(1)),
        frame_of({"head": {}, "arrays": [["x", "int8", [MAX_BLOB, MAX_BLOB]]]}, bytes(1)),
        frame_of({"head": {}, "arrays": [["x", "int64", [2]]]}, bytes(15)),
        frame_of({"head": {}, "arrays": [["x", "int8", [1]]]}, bytes(2)),
        frame_of({"head": {}, "arrays": [["x", "int8", [1]], ["x", "int8", [1]]]}, bytes(2)),
        frame_of({"head": {}, "arrays": [["x", "bool", [1]]]}, b"\2"),
        frame_of({"head": {}, "arrays": [[1, "int8", [1]]]}, bytes(1)),
    ],
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        Reader().feed(data)


def test_a_lone_surrogate_is_replaced_on_the_way_out() -> None:
    frame = Reader().feed(pack({"message": "a\udc80b", "path": r"C:\ud800"}, {}))
    assert frame is not None
    assert frame.head == {"message": "a?b", "path": r"C:\ud800"}


def test_two_frames_in_one_piece_are_two() -> None:
    reader = Reader()
    first = reader.feed(pack({"n": 1}, {}) + pack({"n": 2}, {}))
    assert first is not None
    assert first.head == {"n": 1}
    assert reader.pending > 0


def test_the_wire_and_the_door_load_neither_torch_nor_numpy() -> None:
    code = "import sys, lintml.verify.sandbox; print({'torch', 'numpy', 'pickle'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
