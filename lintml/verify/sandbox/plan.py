"""What the judge tells the zygote before it starts: what to load, what to see, what to allow."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from lintml.verify.sandbox.limits import Level, Limits
from lintml.verify.sandbox.wire import Array

Handler: TypeAlias = Callable[[str, dict[str, Any], dict[str, Array]], tuple[dict[str, Any], dict[str, Array]]]

# A child forked from a process that ran a parallel region hangs in its first matrix product.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
# Huge pages for the heap of torch, so that a fork has a shorter map to copy.
_HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
_KEPT = ("LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME", "SYSTEMROOT")
_DOCKER = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG")
_KEPT_BY_THE_JUDGE = ("PATH", "HOME", "TMPDIR", "TMP", "TEMP", "LANG", "PYTHONPATH", "PYTHONHASHSEED", *_DOCKER, *_KEPT)


@dataclass(frozen=True, slots=True)
class Plan:
    """``boot`` is ``package.module:function``; ``visible`` are the files and folders that the child may read."""

    boot: str
    level: Level
    limits: Limits
    device: str
    visible: tuple[str, ...]
    path: tuple[str, ...]

    def to_json(self) -> str:
        """The plan as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """The plan that ``to_json`` wrote."""
        fields = json.loads(text)
        return cls(
            **{
                **fields,
                "limits": Limits(**fields["limits"]),
                "visible": tuple(fields["visible"]),
                "path": tuple(fields["path"]),
            }
        )


def environment(device: str, work: str) -> dict[str, str]:
    """The whole environment of the zygote and its children; nothing of the caller's, where secrets stand."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    fixed = {"PATH": "/usr/bin:/bin", "HOME": work, "TMPDIR": work, "USER": "lintml", "LANG": "C.UTF-8"}
    fixed["PYTHONHASHSEED"] = "0"  # the same document gives the same report
    cuda = {"PYTORCH_NVML_BASED_CUDA_CHECK": "1"} if device == "cuda" else {}  # is_available() leaves forks usable
    return {**kept, **fixed, **dict.fromkeys(ONE_THREAD, "1"), **_HUGE_PAGES, **cuda}


def judge_environment() -> dict[str, str]:
    """What to start a process with that is to fork the sandbox, since a fork inherits the memory it lies in."""
    kept = {name: os.environ[name] for name in _KEPT_BY_THE_JUDGE if name in os.environ}
    return {**kept, **dict.fromkeys(ONE_THREAD, "1"), **_HUGE_PAGES}


def came_clean() -> bool:
    """Whether this process was started with nothing in its environment but what ``judge_environment`` gives."""
    with open("/proc/self/environ", "rb") as file:
        names = {os.fsdecode(entry).partition("=")[0] for entry in file.read().split(b"\0") if entry}
    return names <= {*_KEPT_BY_THE_JUDGE, *ONE_THREAD, *_HUGE_PAGES}


def import_path() -> tuple[str, ...]:
    """``sys.path`` without the working folder, which is the caller's and not Python's, and with lintml's own home."""
    here = os.getcwd()
    entries = [entry for entry in sys.path if entry and os.path.realpath(entry) != here]
    return tuple(dict.fromkeys([*entries, _home()]))


def readable() -> tuple[str, ...]:
    """What a child must read to import: the interpreter, installed packages, and of other import folders the modules.

    A folder outside the interpreter's own (an editable install, PYTHONPATH) gives its packages and modules only, and
    not the files that happen to lie beside them.
    """
    prefixes = [sys.prefix, sys.base_prefix, sys.exec_prefix]
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    paths = [*prefixes, *(folder for folder in libraries if os.path.isabs(folder))]
    for entry in import_path():
        installed = any(_within(entry, prefix) for prefix in prefixes) or entry.endswith(("-packages", ".zip"))
        paths += [entry] if installed and entry != _home() else _modules(entry)
    paths += [os.path.dirname(place) for place in _editable()]
    paths.append(package_folder())
    return tuple(dict.fromkeys(os.path.abspath(path) for path in paths if os.path.exists(path)))


def package_folder() -> str:
    """The folder of lintml's own package."""
    return os.path.join(_home(), "lintml")


def _home() -> str:
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _modules(folder: str) -> Iterator[str]:
    if not os.path.isdir(folder):
        return
    for entry in os.scandir(folder):
        package = entry.is_dir() and os.path.exists(os.path.join(entry.path, "__init__.py"))
        if package or entry.name.endswith((".py", ".so")):
            yield entry.path


def _editable() -> Iterator[str]:
    """Files and folders that setuptools' import hooks for editable installs map names to."""
    for finder in sys.meta_path:
        mapping = getattr(sys.modules.get(getattr(finder, "__module__", "")), "MAPPING", None)
        if isinstance(mapping, dict):
            yield from (place for place in mapping.values() if isinstance(place, str))
