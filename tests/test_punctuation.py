"""Code whose punctuation is not Python's: what it would be in ASCII, and the finding on its way through documents."""

import io
import json
import tokenize
from pathlib import Path

import pytest

from lintml import documents, pipeline
from lintml.config import Settings
from lintml.documents.punctuation import in_ascii
from lintml.model import Checked

FIXTURES = Path(__file__).parents[1] / "fixtures"
WIDE = {**{chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F) if not chr(code).isalpha()}, '"': "“", "'": "‘"}


def widened(code: str) -> str:
    """Code as a keyboard that was left in the wrong mode types it; what is in strings and comments stays."""
    lines = code.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        (row, start), (_, end) = token.start, token.end
        line = lines[row - 1] if token.string.strip() else ""
        if token.type in (tokenize.OP, tokenize.NUMBER):
            wide = "".join(WIDE.get(sign, sign) for sign in line[start:end])
        elif token.type == tokenize.STRING and token.string[:1] == token.string[-1:] and token.string[1:-1].isalnum():
            wide = WIDE[line[start]] + line[start + 1 : end - 1] + WIDE[line[start]]
        elif token.type == tokenize.COMMENT:
            wide = WIDE["#"] + line[start + 1 : end]
        else:
            continue
        lines[row - 1] = line[:start] + wide + line[end:]
    return "".join(lines)


def codes() -> list[object]:
    found: list[object] = []
    for path in sorted((FIXTURES / "shapes").glob("*.md")):
        text = path.read_text(encoding="utf8")
        found += [
            pytest.param(snippet.text, id=f"{path.stem}-{snippet.row}")
            for snippet in documents.parse(text, path.name).snippets
            if snippet.tree is not None
        ]
    return found


@pytest.mark.parametrize("code", codes())
def test_what_a_wrong_keyboard_did_is_undone(code: str) -> None:
    wide = widened(code)
    assert wide != code
    assert in_ascii(wide) == code


@pytest.mark.parametrize("code", codes()[:10])
def test_code_that_is_broken_besides_is_left_alone(code: str) -> None:
    assert in_ascii(widened(code) + "x = （1\n") == ""


def checked(text: str, path: str = "page.md") -> Checked:
    return pipeline.check(documents.parse(text, path), Settings(select=("SNP001", "SUP")))


def found(text: str) -> list[tuple[str, int, int]]:
    return [(each.code, each.location.row, each.location.column) for each in checked(text).diagnostics]


def test_it_stands_where_the_first_sign_stands() -> None:
    assert found("> ```python\n> import torch\n> x = torch.ones(2，3）\n> ```\n") == [("SNP001", 3, 19)]


@pytest.mark.parametrize(
    "text",
    [
        "```python\nimport torch\nx = torch.ones(2，3)  # noqa: SNP001\n```\n",
        "```python\nimport torch\nx = torch.ones(2，3)  ＃ noqa: SNP001\n```\n",
        "```python\nimport torch\n# lintml: ignore[SNP001] as typed\nx = torch.ones(2，3)\n```\n",
        "<!-- lintml: expect[SNP001] -->\n```python\nimport torch\nx = torch.ones(2，3)\n```\n",
        "<!-- lintml: ignore[fullwidth-punctuation] -->\n```python\nimport torch\nx = torch.ones(2，3)\n```\n",
        "<!-- lintml: skip -->\n```python\nimport torch\nx = torch.ones(2，3)\n```\n",
        "# ❌ Wrong\n\n```python\nimport torch\nx = torch.ones(2，3)\n```\n",
    ],
)
def test_it_is_silenced_like_any_other(text: str) -> None:
    assert found(text) == []


def test_an_expectation_that_is_not_met_is_told() -> None:
    text = "<!-- lintml: expect[SNP001] -->\n```python\nimport torch\nx = torch.ones(2, 3)\n```\n"
    assert [code for code, _, _ in found(text)] == ["SUP002"]


def fixed(text: str, path: str = "page.md") -> str:
    return pipeline.fix(documents.parse(text, path), Settings(), unsafe=False).after.text


def test_other_rules_speak_once_the_block_is_read() -> None:
    before = "1. x\n\n   ```python\n   import torch.nn as nn\n   net = nn.Conv2D(8，3，1）\n   ```\n"
    assert fixed(before) == before.replace("2D(8，3，1）", "2d(8, 3, 1)")


def test_line_endings_and_other_blocks_stay() -> None:
    before = "“torch”，\r\n```python\r\nimport torch\r\nx = torch.ones（2）\r\n```\r\n```text\r\n（）\r\n```\r\n"
    assert fixed(before) == before.replace("（2）", "(2)")


def test_a_cell_of_a_notebook() -> None:
    source = ["import torch\n", "%time x = torch.ones(2，3)\n", "!pip install 、\n", "print(x，“，”)"]
    cells = [{"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}]
    before = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False)
    after = json.loads(fixed(before, "page.ipynb"))["cells"][0]["source"]
    assert after == [source[0], "%time x = torch.ones(2, 3)\n", source[2], 'print(x, "，")']


def test_a_script() -> None:
    assert fixed("import torch\nx = torch.ones（2）\n", "net.py") == "import torch\nx = torch.ones(2)\n"


def test_names_of_an_unread_block_are_known_elsewhere() -> None:
    text = "```python\nimport torch\nsize ＝ 3\n```\n```python\nx = torch.ones(size)\n```\n"
    checked = pipeline.check(documents.parse(text, "page.md"), Settings())
    assert [each.code for each in checked.diagnostics] == ["SNP001"]
