"""Which framework a block is written in, where a document speaks of several."""

import re
from collections import Counter
from collections.abc import Iterable

from lintml.documents.block import Block
from lintml.model import Marker

_PACKAGES = {
    "torch": "torch", "torchvision": "torch", "torchaudio": "torch", "torchtext": "torch", "lightning": "torch",
    "pytorch_lightning": "torch", "timm": "torch", "fastai": "torch", "transformers": "torch", "torchmetrics": "torch",
    "tensorflow": "tensorflow", "keras": "tensorflow", "tf_keras": "tensorflow", "tensorflow_probability": "tensorflow",
    "jax": "jax", "flax": "jax", "haiku": "jax", "optax": "jax", "equinox": "jax",
    "paddle": "paddle", "paddlenlp": "paddle", "mxnet": "mxnet", "gluonnlp": "mxnet", "mindspore": "mindspore",
    "oneflow": "oneflow", "tinygrad": "tinygrad", "chainer": "chainer", "mlx": "mlx", "jittor": "jittor",
}  # fmt: skip
_OTHERS = r"\b(?:tensorflow|keras|tf|jax|flax|haiku|paddle(?:paddle)?|mxnet|gluon|mindspore)\b"
_IMPORT = re.compile(
    r"^[ \t]*(?:>>> )?(?:import[ \t]+([\w., \t]+)|from[ \t]+([\w.]+)[ \t]+import[ \t]+(\(?[\w, \t*]+))", re.MULTILINE
)
_ALIASED = re.compile(r"([\w.]+)(?:[ \t]+as[ \t]+(\w+))?")
_NAMED = (
    ("torch", re.compile(r"torch", re.IGNORECASE)),
    ("tensorflow", re.compile(r"tensorflow|keras|\btf\b", re.IGNORECASE)),
    ("jax", re.compile(r"\bjax\b|\bflax\b|\bhaiku\b", re.IGNORECASE)),
    ("paddle", re.compile(r"paddle", re.IGNORECASE)),
    ("mxnet", re.compile(r"mxnet|\bgluon\b", re.IGNORECASE)),
    ("mindspore", re.compile(r"mindspore", re.IGNORECASE)),
)


def mark_frameworks(text: str, blocks: Iterable[Block]) -> None:
    """Mark each block that is written in another framework than torch with its name.

    Decided by its tab, by what it imports, by whose names it uses, by its heading, at last by what the document is
    about; ``text`` is the document's.
    """
    about = _about(text)
    owners: dict[str, dict[str, str]] = {}
    for block in blocks:
        shared = owners.setdefault("", {})
        own = owners.setdefault(block.group, {}) if block.group else shared
        code = "\n".join(block.lines)
        imported = _imports(code)
        own.update(imported)
        found = (
            _named(block.group)
            or _settled(imported.values())
            or _settled(owner for name, owner in {**shared, **own}.items() if _uses(code, name))
            or _named(block.heading)
            or about
        )
        if found not in ("", "torch"):
            block.markers.append(Marker("framework", (), found, 0))


def _uses(code: str, name: str) -> bool:
    return name in code and re.search(rf"\b{name}\b", code) is not None


def _about(text: str) -> str:
    """The other framework that a document speaks of most, where it never says torch."""
    text = text.lower()
    if "torch" in text:
        return ""
    counts = Counter(_named(word) for word in re.findall(_OTHERS, text))
    return counts.most_common(1)[0][0] if counts else ""


def _named(label: str) -> str:
    """The framework that a label names, ours if it names several."""
    return _settled(name for name, pattern in _NAMED if label and pattern.search(label))


def _settled(frameworks: Iterable[str]) -> str:
    found = list(frameworks)
    return "torch" if "torch" in found else next(iter(found), "")


def _imports(code: str) -> dict[str, str]:
    """The names that imports of frameworks bind, each with its framework."""
    names: dict[str, str] = {}
    for modules, source, imported in _IMPORT.findall(code):
        framework = _PACKAGES.get(source.split(".")[0], "")
        if framework or (framework := _named(source + " " + imported) if source.split(".")[0] == "d2l" else ""):
            names.update((alias or name, framework) for name, alias in _ALIASED.findall(imported) if name != "as")
        for module, alias in _ALIASED.findall(modules):
            if owner := _PACKAGES.get(module.split(".")[0]):
                names[alias or module.split(".")[0]] = owner
    return names
