"""A document read: its text to blocks, blocks to snippets."""

import warnings
from collections.abc import Iterator

from lintml.documents.block import Block, Blocks
from lintml.documents.elsewhere import taken_in
from lintml.documents.errors import DocumentError
from lintml.documents.loading import kind_of, load
from lintml.documents.snippet import build
from lintml.documents.text import has_any, split_lines
from lintml.model import Document, Kind, TakenIn

_OTHER_FRAMEWORKS = (
    "tensorflow", "TensorFlow", "keras", "Keras", "jax", "JAX", "flax", "paddle", "Paddle", "mxnet", "MXNet",
    "mindspore", "MindSpore", "oneflow", "OneFlow", "tinygrad", "chainer", "mlx", "jittor",
)  # fmt: skip
_FRAMEWORKS_IN_LOWER_CASE = tuple(dict.fromkeys(map(str.lower, _OTHER_FRAMEWORKS)))


def read(path: str) -> Document:
    """Read a file.

    Raises DocumentError where it is not there, not a file, not readable, not UTF-8, or a notebook that is none.
    """
    text, bom = load(path)
    return parse(text, path, bom=bom)


def parse(text: str, path: str, kind: Kind | None = None, bom: bool = False, *, docstrings: bool = False) -> Document:
    """Read a document from its text; ``path`` gives its kind where none is named.

    ``docstrings`` also reads the code in the docstrings of a script. Raises DocumentError where a notebook is none.
    """
    kind = kind or kind_of(path)
    try:
        blocks, cells, sources, anew = blocks_of(text, path, kind, docstrings=docstrings)
    except DocumentError as error:
        error.path = path
        raise
    if blocks and _speaks_of_others(text, blocks):
        from lintml.documents.framework import mark_frameworks

        mark_frameworks(text, blocks)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        snippets = tuple(build(index, block) for index, block in enumerate(blocks))
    elsewhere = tuple(_elsewhere(text, kind, cells)) if blocks else ()
    return Document(path, kind, text, snippets, bom, cells, docstrings, elsewhere, sources, anew)


def _elsewhere(text: str, kind: Kind, cells: tuple[str, ...]) -> Iterator[TakenIn]:
    match kind:
        case "notebook" if any(taken_in("\n".join(cells))):
            for number, cell in enumerate(cells, 1):
                yield from taken_in(cell, number)
        case "script" if "# MAGIC %run " in text:
            yield from taken_in(text)
        case "markdown" | "rest":
            yield from taken_in(text)


def _speaks_of_others(text: str, blocks: list[Block]) -> bool:
    """Whether some block may be written in another framework; prose counts in documents that never say torch."""
    if "orch" in text:
        said: list[str] = []
        for block in blocks:
            said += (block.heading, block.group, *block.lines)
        text = "\n".join(said)
    return has_any(_FRAMEWORKS_IN_LOWER_CASE, text.lower()) and has_any(_OTHER_FRAMEWORKS, text)


def code_of(text: str, path: str, kind: Kind, *, docstrings: bool = False) -> list[list[str]]:
    """The lines of each block, as the document has them behind the block's prefix; cheaper than the blocks."""
    match kind:
        case "markdown":
            from lintml.documents.markdown import markdown_fences

            return [fence.lines for fence in markdown_fences(text, mdx=is_mdx(path)) if fence.info.python]
        case "rest":
            from lintml.documents.rest import rest_fences

            return [fence.lines for fence in rest_fences(split_lines(text)) if fence.info.python]
        case _:
            return [block.lines for block in blocks_of(text, path, kind, docstrings=docstrings).blocks]


def blocks_of(text: str, path: str, kind: Kind, *, docstrings: bool = False) -> Blocks:
    """The blocks of a document."""
    match kind:
        case "notebook":
            from lintml.documents.notebook import notebook_blocks

            return notebook_blocks(text)
        case "script":
            from lintml.documents.script import script_blocks

            blocks = script_blocks(text)
            if docstrings:
                from lintml.documents.docstrings import docstring_blocks

                blocks += docstring_blocks(text)
            return Blocks(blocks)
        case "rest":
            from lintml.documents.rest import rest_blocks

            return Blocks(rest_blocks(text))
        case "markdown":
            from lintml.documents.markdown import markdown_blocks

            return markdown_blocks(text, mdx=is_mdx(path))


def is_mdx(path: str) -> bool:
    """Whether a path says that its Markdown holds JSX in place of HTML."""
    return path.lower().endswith(".mdx")
