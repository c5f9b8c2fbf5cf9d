"""How long a person waits: whole processes, the best of several runs, beside a bare interpreter."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

RUNS = 15
TOUR = Path(__file__).parents[1] / "fixtures" / "documents" / "tour.md"
PLAIN = "# A page\n\nNothing here is about tensors.\n\n```python\nprint('hello')\n```\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.md"
        plain.write_text(PLAIN)
        for name, bar, command in _commands(plain):
            seconds = min(_once(command, folder) for _ in range(RUNS))
            print(f"{name:<40} {seconds * 1000:6.0f} ms" + (f"   (bar: {bar} ms)" if bar else ""))


def _commands(plain: Path) -> Iterator[tuple[str, int | None, list[str]]]:
    lintml = [sys.executable, "-m", "lintml"]
    yield "python -c pass", None, [sys.executable, "-c", "pass"]
    yield "python -c 'import click'", None, [sys.executable, "-c", "import click"]
    yield "lintml --version", 60, [*lintml, "--version"]
    yield "lintml check, a document without torch", 60, [*lintml, "check", str(plain)]
    yield "lintml check --output-format concise", 200, [*lintml, "check", "--output-format", "concise", str(TOUR)]
    yield "lintml check, frames and diffs", 800, [*lintml, "check", str(TOUR)]


def _once(command: list[str], folder: str) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    # An interpreter that cannot import lintml ends with 1 as well, but not in silence.
    if done.returncode not in (0, 1) or done.stderr:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()}")
    return seconds


if __name__ == "__main__":
    main()
