"""What documents ask of the commands: which are read and what in them is not, standard input, outputs gone stale."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lintml.cli import cli

Run = Callable[..., Result]

FAULTY = "# T\n\n```python\nimport torch.nn as nn\nx = nn.linear(3, 4)\n```\n"
FIXED = FAULTY.replace("nn.linear", "nn.Linear")
SCRIPT = '''\
import torch.nn as nn


class Net(nn.Module):
    """A net.

    >>> Net()
    Net()
    >>> def made():
    ...     return nn.linear(3, 4)

    ```python
    y = F.mseloss(x, x)
    ```
    """
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "LINTML_OUTPUT_FORMAT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    def run(command: str, *words: str, input: str | None = None) -> Result:
        concise = ("--output-format", "concise") if command == "check" and "--output-format" not in words else ()
        data = None if input is None else input.encode()
        return CliRunner().invoke(cli, [command, *concise, *words], input=data, prog_name="lintml")

    return run


def places(result: Result) -> list[str]:
    """Where something was found."""
    return [line.split(": ")[0] for line in result.stdout.splitlines() if ": API001 " in line]


def notebook(*cells: tuple[str, list[dict[str, object]]]) -> str:
    made = [{"cell_type": "code", "metadata": {}, "outputs": outputs, "source": code} for code, outputs in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}, indent=1)


class TestDocstrings:
    def test_are_read_by_option_and_by_setting(self, run: Run, folder: Path):
        (folder / "net.py").write_text(SCRIPT)
        found = ["net.py:10:20", "net.py:13:9"]
        assert places(run("check", "net.py")) == []
        assert places(run("check", "--docstrings", "net.py")) == found
        assert places(run("check", "--config", "docstrings = true", "net.py")) == found
        assert places(run("check", "--config", "docstrings = true", "--no-docstrings", "net.py")) == []

    def test_are_fixed_behind_their_prompts(self, run: Run, folder: Path):
        (folder / "net.py").write_text(SCRIPT)
        shown = run("check", "--docstrings", "--output-format", "full", "net.py").stdout
        assert "10 +     ...     return nn.Linear(3, 4)\n" in shown
        run("fix", "--write", "--docstrings", "net.py")
        expected = SCRIPT.replace("nn.linear", "nn.Linear").replace("mseloss", "mse_loss")
        assert (folder / "net.py").read_text() == expected

    def test_take_names_from_their_file_and_lend_none(self, run: Run, folder: Path):
        (folder / "net.py").write_text(
            SCRIPT.replace("import torch.nn as nn", "import torch\nfrom torch import nn") + "x = Undefined()\n"
        )
        assert "SNP" not in run("check", "--docstrings", "net.py").stdout
        (folder / "net.py").write_text(
            'import torch\n\n\ndef f():\n    """\n    >>> import torch.nn as nn\n    """\n    return nn.Linear(3, 4)\n'
        )
        assert "net.py:8:12: SNP004" in run("check", "--docstrings", "net.py").stdout


class TestWhatIsNotJudged:
    TEXT = """\
# torch

{{< include setup.qmd >}}

```python
class Net(nn.Module)
```

<!-- lintml: skip as in the paper -->

```python
x = nn.linear(3, 4)
```

Don't do this:

```python
x = nn.linear(3, 4)
```

```python
import tensorflow as tf
```

> ```python
> model = <your model>
> ```

```python
x = nn.linear(3, 4)  # wrong
y = 1
```

```python out
tensor(1.)
```
"""
    REASONS = (
        ("a.qmd:3:1", "takes in `setup.qmd`, which is not read: names may come from there"),
        ("a.qmd:6:21", "not read as Python: syntax error: expected ':': `class Net(nn.Module)`"),
        ("a.qmd:11:1", "not judged: skipped by a marker: as in the paper"),
        ("a.qmd:17:1", "not judged: wrong on purpose: Don't do this:"),
        ("a.qmd:21:1", "not judged: written in tensorflow"),
        ("a.qmd:26:11", "not read as Python: placeholder: `model = <your model>`"),
        ("a.qmd:30:1", "not judged: wrong on purpose"),
        ("a.qmd:35:1", "not read as Python: output"),
    )

    def test_is_listed_with_its_place_and_the_reason(self, run: Run, folder: Path):
        (folder / "a.qmd").write_text(self.TEXT)
        result = run("check", "-v", "a.qmd")
        assert result.exit_code == 0
        assert [tuple(line.removeprefix("note: ").split(": ", 1)) for line in result.stderr.splitlines()] == list(
            self.REASONS
        )

    def test_is_counted(self, run: Run, folder: Path):
        (folder / "a.qmd").write_text(self.TEXT)
        gap = "3 snippets could not be read and 3 snippets were left out (`-v` lists them)"
        assert run("check", "a.qmd").stdout == f"All checks passed: 7 snippets in 1 document; {gap}.\n"
        assert run("check", ".").stdout == run("check", ".").stdout  # The second one from the cache.

    def test_is_in_the_sarif_log(self, run: Run, folder: Path):
        (folder / "a.qmd").write_text(self.TEXT)
        (folder / "b.ipynb").write_text(notebook(("import torch", []), ("x = = 1", [])))
        log = json.loads(run("check", "--output-format", "sarif").stdout)
        notes = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
        assert [note["message"]["text"] for note in notes[:-1]] == [reason for _, reason in self.REASONS]
        region = notes[-1]["locations"][0]["physicalLocation"]["region"]
        assert "x = = 1" in (folder / "b.ipynb").read_text().splitlines()[region["startLine"] - 1]

    def test_may_define_any_name(self, run: Run, folder: Path):
        (folder / "a.qmd").write_text("{{< include setup.qmd >}}\n\n```python\nimport torch\nnn.Linear(3, 4)\n```\n")
        (folder / "b.md").write_text(
            "```python\nimport torch.nn as nn\nx = = 1\n```\n\n```python\nimport torch\nnn.Linear(3, 4)\nF.relu(nn)\n```\n"
        )
        (folder / "c.ipynb").write_text(notebook(("%run setup.ipynb", []), ("import torch\nnn.Linear(3, 4)", [])))
        (folder / "d.py").write_text(
            "import torch\n\n# COMMAND ----------\n\n# MAGIC %run ./setup\n\nnn.Linear(3, 4)\n"
        )
        result = run("check", "--select", "SNP")
        assert [line.split(": ")[0] for line in result.stdout.splitlines() if "SNP" in line] == ["b.md:9:1"]


class TestWrittenFiles:
    def test_are_read_as_files_of_their_own(self, run: Run, folder: Path):
        cells = [
            "import torch.nn as nn\nlayer = nn.Linear(3, 4)",
            "%%writefile net.py\nimport torch\nlayer = nn.linear(3, 4)",
            "%%writefile conf.yaml\nlayer: nn.linear",
            "layer = nn.linear(3, 4)",
        ]
        (folder / "a.ipynb").write_text(notebook(*((cell, []) for cell in cells)))
        result = run("check", "-v", "a.ipynb")
        assert places(result) == ["a.ipynb:cell 2:3:9", "a.ipynb:cell 4:1:9"]
        assert "a.ipynb:cell 2:3:9: SNP004" in result.stdout
        assert result.stderr == "note: a.ipynb:cell 3:1:1: not read as Python: cell magic %%writefile\n"
        run("fix", "--write", "a.ipynb")
        sources = [cell["source"] for cell in json.loads((folder / "a.ipynb").read_text())["cells"]]
        assert sources[1] == "%%writefile net.py\nimport torch\nimport torch.nn as nn\nlayer = nn.Linear(3, 4)"


class TestStaleOutputs:
    def test_stay_and_are_named(self, run: Run, folder: Path):
        text = notebook(
            ("import torch.nn as nn\nnn.linear(3, 4)", [{"text": "old"}]),
            ("nn.Linear(3, 4)", [{"text": "kept"}]),
            ("nn.linear(3, 4)", []),
            ("nn.relu()", [{"text": "old"}]),
        )
        (folder / "a.ipynb").write_text(text)
        told = "note: a.ipynb: the outputs of cells 1 and 4 are from before the fix; run them again\n"
        assert run("fix", "--diff", "a.ipynb").stderr.startswith(told)
        result = run("fix", "--write", "a.ipynb")
        assert result.stderr == told + "Fixed 3 findings in 1 document.\n"
        assert (folder / "a.ipynb").read_text() == text.replace("nn.linear", "nn.Linear").replace("nn.relu", "nn.ReLU")
        (folder / "a.ipynb").write_text(text)
        assert run("fix", "--write", "--quiet", "a.ipynb").stderr == ""


class TestStandardInput:
    def test_is_fixed_to_standard_output(self, run: Run):
        result = run("fix", "-", input=FAULTY)
        assert (result.exit_code, result.stdout) == (0, FIXED)
        assert run("fix", "-", input=FIXED).stdout == FIXED
        assert run("fix", "-", input="no code\r\n").stdout_bytes == b"no code\r\n"

    def test_goes_by_the_name_it_is_given(self, run: Run):
        result = run("fix", "-", "--stdin-filename", "docs/a.ipynb", input=notebook(("nn.linear(3)", [])))
        assert json.loads(result.stdout)["cells"][0]["source"].endswith("nn.Linear(3)")
        assert places(run("check", "-", "--stdin-filename", "docs/a.md", input=FAULTY)) == ["docs/a.md:5:5"]
        assert places(run("check", "--stdin-filename", "docs/a.md", input=FAULTY)) == ["docs/a.md:5:5"]
        assert run("fix", "--stdin-filename", "docs/a.md", input=FAULTY).stdout == FIXED

    def test_is_shown_as_a_difference_where_asked(self, run: Run):
        result = run("fix", "--diff", "-", "--stdin-filename", "a.md", input=FAULTY)
        assert result.stdout.startswith("--- a.md\n+++ a.md\n")
        assert result.exit_code == 1

    def test_that_is_excluded_comes_back_as_it_is(self, run: Run, folder: Path):
        (folder / "lintml.toml").write_text('exclude = ["drafts"]\n')
        excluded = ("-", "--stdin-filename", "drafts/a.md", "--force-exclude")
        assert run("fix", *excluded, input=FAULTY).stdout == FAULTY
        assert places(run("check", *excluded, input=FAULTY)) == []

    def test_that_cannot_be_read_comes_back_as_it_is(self, run: Run):
        result = run("fix", "-", "--stdin-filename", "a.ipynb", input="{")
        assert (result.exit_code, result.stdout) == (2, "{")
        assert "a.ipynb:1:2: not a notebook" in result.stderr


class TestDiscovery:
    def test_what_a_folder_holds(self, run: Run, folder: Path):
        for name in ("a.md", "b.txt", "docs/c.qmd", "old/d.md", ".hidden/e.md", "node_modules/f.md", "gone/g.md"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(FAULTY)
        (folder / ".git").mkdir()
        (folder / ".gitignore").write_text("gone/\n")
        (folder / "lintml.toml").write_text('exclude = ["old"]\nextend-include = ["*.txt"]\n')
        assert places(run("check")) == ["a.md:5:5", "b.txt:5:5", "docs/c.qmd:5:5"]
        assert places(run("check", "old/d.md")) == ["old/d.md:5:5"]
        assert places(run("check", "old/d.md", "a.md", "--force-exclude")) == ["a.md:5:5"]
        assert places(run("check", "gone/g.md", ".hidden/e.md")) == ["gone/g.md:5:5", ".hidden/e.md:5:5"]
