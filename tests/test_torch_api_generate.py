"""The generator, on small libraries written for the purpose and never imported."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from textwrap import dedent

import pytest

from lintml.torch_api import generate, names
from lintml.torch_api.generate import SourceError, library, table
from lintml.torch_api.names import Mismatch, lookup

NEVER = "raise RuntimeError('imported')\n"


@pytest.fixture
def make(tmp_path: Path) -> "Maker":
    return Maker(tmp_path)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("LINTML_CACHE_DIR", str(tmp_path / "cache"))
    names.forget()
    yield tmp_path / "cache"
    names.forget()


class Maker:
    """Writes a package ``toy`` of a version into a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, version: str, **files: str) -> Path:
        root = self.folder / version
        files = {"__init__": "", **files}
        for name, text in files.items():
            path = root / "toy" / (name.replace("__stub", "") + (".pyi" if name.endswith("__stub") else ".py"))
            path.parent.mkdir(parents=True, exist_ok=True)
            head = NEVER if name == "__init__" else ""
            path.write_text(head + dedent(text))
        (root / f"toy-{version}.0.dist-info").mkdir(parents=True)
        (root / f"toy-{version}.0.dist-info" / "METADATA").write_text("Name: toy\n")
        return root


def test_a_name_is_public_where_its_module_says_so(make: Maker) -> None:
    library(
        "toy",
        [
            make(
                "1.0",
                __init__="""
                    import os
                    from toy import inner as inner
                    from toy.inner import *
                    from ._hidden import Shown
                    __all__ = ["Shown"]
                """,
                inner="""
                    import math
                    from ._hidden import Other
                    __all__ = ["given"] + ["also"]
                    def given(): ...
                    def kept(): ...
                    also = given
                """,
                _hidden="class Shown: ...\nclass Other: ...\n",
            )
        ],
    )
    assert names.members("toy") == ("Shown", "also", "given", "inner")
    assert names.members("toy.inner") == ("also", "given")
    assert names.exists("toy.os") is True
    assert names.exists("toy.inner.kept") is True
    assert names.exists("toy.kept") is False
    also = lookup("toy.inner.also")
    assert also
    assert also.path == "toy.also"


def test_a_class_has_what_its_private_bases_and_its_methods_give_it(make: Maker) -> None:
    library(
        "toy",
        [
            make(
                "1.0",
                layers="""
                    import enum
                    class _Base:
                        slope: int
                        def __init__(self, width, *, bias=True):
                            self.width = width
                            self.register_buffer("running", None)
                        def step(self, closure=None): ...
                        @property
                        def size(self): ...
                        @staticmethod
                        def build(text): ...
                    class Layer(_Base):
                        def forward(self, x): ...
                        @classmethod
                        def load(cls, path): ...
                    class Wide(Layer): ...
                    class Open(Unknown): ...
                    class Answers:
                        def __getattr__(self, name): ...
                    class Fails(ValueError): ...
                """,
            )
        ],
    )
    expected = {"slope", "width", "running", "step", "size", "build", "forward", "load"}
    assert set(names.members("toy.layers.Layer")) == expected
    assert set(names.members("toy.layers.Wide")) == expected
    wide = lookup("toy.layers.Wide")
    assert wide
    assert wide.bases == ("toy.layers.Layer",)
    assert wide.mismatch(2) == Mismatch("too many", limit=1)
    assert wide.mismatch(1, ["bias"]) is None
    step = lookup("toy.layers.Wide.step")
    assert step
    assert (step.path, step.kind, str(step.signatures[0])) == ("toy.layers.Layer.step", "method", "(closure=None)")
    kinds = {name: found.kind for name in ("size", "build", "load") if (found := lookup(f"toy.layers.Layer.{name}"))}
    assert kinds == {"size": "property", "build": "staticmethod", "load": "classmethod"}
    assert names.exists("toy.layers.Layer.nothing") is False
    assert names.exists("toy.layers.Open.anything") is None
    assert names.exists("toy.layers.Answers.anything") is None
    assert names.exists("toy.layers.Fails.args") is True
    assert names.exists("toy.layers.Fails.nothing") is False


def test_constructors_are_those_that_python_writes(make: Maker) -> None:
    library(
        "toy",
        [
            make(
                "1.0",
                data="""
                    from collections import namedtuple
                    from dataclasses import dataclass, field, KW_ONLY
                    from typing import ClassVar, NamedTuple, overload
                    @dataclass
                    class Point:
                        x: int
                        shared: ClassVar[int] = 0
                        y: int = 1
                        made: list = field(init=False)
                    @dataclass(kw_only=True)
                    class Named(Point):
                        z: int = 2
                    class Row(NamedTuple):
                        a: int
                        b: int = 3
                    Pair = namedtuple("Pair", "left, right")
                    class Anything:
                        @overload
                        def __init__(self, size: int): ...
                        @overload
                        def __init__(self, *args, **kwargs): ...
                        def __init__(self, *args, **kwargs): ...
                    class Foreign(Unknown): ...
                """,
            )
        ],
    )
    written = {
        name: [str(s) for s in found.signatures]
        for name in ("Point", "Named", "Row", "Pair", "Anything", "Foreign")
        if (found := lookup(f"toy.data.{name}"))
    }
    assert written == {
        "Point": ["(x: int, y: int = 1)"],
        "Named": ["(x: int, y: int = 1, *, z: int = 2)"],
        "Row": ["(a: int, b: int = 3)"],
        "Pair": ["(left, right)"],
        "Anything": ["(size: int)"],
        "Foreign": [],
    }
    assert names.exists("toy.data.Pair.left") is True


def test_annotations_are_cut_down_to_a_few_words(make: Maker) -> None:
    library(
        "toy",
        [
            make(
                "1.0",
                kinds="""
                    def call(
                        a: Optional[Tensor], b: Union[int, Tuple[int, int]], c: "list[Tensor]", d: _size_2_t,
                        e: Literal["x", "y"] = "x", f: float = 1e-05, g=lambda a, b: a, h: Any = ..., *i: int, **j,
                    ): ...
                """,
            )
        ],
    )
    call = lookup("toy.kinds.call")
    assert call
    assert str(call.signatures[0]) == (
        "(a: Tensor|None, b: int|ints, c: Tensors, d: int|ints, e: str = 'x', f: float = 1e-05, g=..., h=..., *i: int, **j)"
    )


def test_a_stub_stands_in_for_what_is_compiled(make: Maker) -> None:
    library(
        "toy",
        [
            make(
                "1.0",
                fast__stub="""
                    from typing import overload
                    @overload
                    def add(a: int, b: int) -> int: ...
                    @overload
                    def add(a: int, b: float) -> float: ...
                    @overload
                    def add(a: int, *, out: int) -> int: ...
                """,
            )
        ],
    )
    add = lookup("toy.fast.add")
    assert add
    assert [str(s) for s in add.signatures] == ["(a: int, b: float|int)", "(a: int, *, out: int)"]


def test_what_only_raises_and_what_warns_is_told(make: Maker) -> None:
    library(
        "toy",
        [
            make(
                "1.0",
                old='''
                    import warnings
                    from typing_extensions import deprecated
                    def gone(x):
                        """Gone."""
                        raise RuntimeError("gone was removed, "
                                           "use here")
                    def forwards(x):
                        from toy.old import gone
                        return gone(x)
                    def abstract(x):
                        raise NotImplementedError("later")
                    def warns(x):
                        warnings.warn("warns is deprecated, use here", FutureWarning)
                        return x
                    def sometimes(x):
                        if x:
                            warnings.warn("sometimes is deprecated")
                        return x
                    @deprecated("marked is deprecated")
                    def marked(x): ...
                    def noted(x):
                        """Noted.

                        .. deprecated:: 1.2
                            Use :func:`toy.here`.
                        """
                    def parameter(x):
                        """Parameter.

                        Args:
                            x: nothing.

                                .. deprecated:: 1.2
                        """
                    def here(x): ...
                ''',
            )
        ],
    )
    found = {name: lookup(f"toy.old.{name}") for name in names.members("toy.old")}
    raises = {name: n.raises for name, n in found.items() if n and n.raises}
    deprecated = {name: n.deprecated[1] for name, n in found.items() if n and n.deprecated}
    assert raises == dict.fromkeys(("gone", "forwards"), "gone was removed, use here")
    assert deprecated == {
        "warns": "warns is deprecated, use here",
        "marked": "marked is deprecated",
        "noted": "Use `toy.here`.",
    }


def test_lazy_modules_give_what_they_show_to_type_checkers(make: Maker) -> None:
    library(
        "toy",
        [
            make(
                "1.0",
                lazy="""
                    import sys
                    from typing import TYPE_CHECKING
                    from elsewhere import LazyModule
                    if TYPE_CHECKING:
                        from toy.parts import Part as Part
                    else:
                        sys.modules[__name__] = LazyModule()
                """,
                eager="""
                    from typing import TYPE_CHECKING
                    if TYPE_CHECKING:
                        from toy.parts import Part
                """,
                parts="class Part: ...",
                answers="""
                    _names = {"later"}
                    def __getattr__(name):
                        if name in _names: ...
                """,
            )
        ],
    )
    assert names.exists("toy.lazy.Part") is True
    assert names.exists("toy.lazy.Whole") is None
    assert names.exists("toy.eager.Part") is False
    assert names.exists("toy.answers.later") is True


VERSIONS = {
    "1.0": "def stays(a): ...\ndef goes(): ...\nclass Box:\n    def put(self): ...\n",
    "1.1": "def stays(a, b=1): ...\nclass Top:\n    def put(self): ...\nclass Box(Top): ...\n",
    "2.0": "def stays(b): ...\ndef comes(): ...\nclass Top:\n    def put(self): ...\nclass Box(Top): ...\n",
}


def test_versions_are_merged_whatever_their_order(make: Maker) -> None:
    folders = [make(version, things=text) for version, text in VERSIONS.items()]
    texts = {table("toy", order) for order in permutations(folders)}
    assert len(texts) == 1
    library("toy", folders)
    stays, goes, comes, put = (lookup(f"toy.things.{name}") for name in ("stays", "goes", "comes", "Box.put"))
    assert stays
    assert [(span, str(s[0])) for span, s in stays.history] == [
        (((1, 0), (1, 1)), "(a)"),
        (((1, 1), (2, 0)), "(a, b=1)"),
        (((2, 0), None), "(b)"),
    ]
    assert stays.keyword_span("a") == ((1, 0), (2, 0))
    assert goes
    assert (goes.since, goes.until) == ((1, 0), (1, 1))
    assert comes
    assert (comes.since, comes.until) == ((2, 0), None)
    # A method that moved into a base class was there all the time.
    assert put
    assert (put.since, put.until) == ((1, 0), None)


def test_a_wheel_is_read_like_a_folder(make: Maker, tmp_path: Path) -> None:
    folder = make("1.0", things=VERSIONS["1.0"])
    wheel = tmp_path / "toy-1.0.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path in folder.rglob("*"):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    assert table("toy", [wheel]) == table("toy", [folder]) == table("toy", [folder / "toy"])


def test_a_file_that_does_not_parse_hides_only_itself(make: Maker) -> None:
    library("toy", [make("1.0", broken="def f(:", whole="def f(): ...")])
    assert names.exists("toy.whole.f") is True
    assert names.exists("toy.broken") is True


def test_an_installed_library_is_read_and_never_imported(
    make: Maker, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    monkeypatch.syspath_prepend(str(make("3.1", things=VERSIONS["1.0"])))
    assert library("toy") == cache / "api" / "toy.txt"
    assert "toy" not in sys.modules
    assert names.exists("toy.things.stays") is True


def test_what_is_no_library_is_said_in_one_sentence(tmp_path: Path, make: Maker) -> None:
    (tmp_path / "note.txt").write_text("no")
    with pytest.raises(SourceError, match="neither a wheel nor a folder"):
        table("toy", [tmp_path / "note.txt"])
    with pytest.raises(SourceError, match="no package other in it"):
        table("other", [make("1.0")])
    with pytest.raises(SourceError, match="no_such_library is not installed"):
        library("no_such_library")


def test_the_command_writes_a_table_or_says_what_is_wrong(make: Maker, tmp_path: Path) -> None:
    command = [sys.executable, "-m", generate.__name__, "-p", "toy"]
    folder = make("1.0", things=VERSIONS["1.0"])
    out = tmp_path / "table.txt"
    done = subprocess.run([*command, str(folder), "-o", str(out)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert out.read_text() == table("toy", [folder])
    wrong = subprocess.run([*command, str(tmp_path / "nowhere")], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert len(wrong.stderr.splitlines()) == 1
