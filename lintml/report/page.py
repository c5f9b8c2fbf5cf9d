"""One HTML file that needs no other: its head, its style, and text for terminals turned into spans."""

import re
from collections.abc import Iterable, Iterator
from html import escape

from lintml.report.columns import visible

_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --soft: #656d76; --line: #d1d9e0; --paper: #fff; --code: #f6f8fa;
  --red: #cf222e; --yellow: #9a6700; --green: #1a7f37; --blue: #0969da; --cyan: #1b7c83; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --paper: #0d1117;
  --code: #151b23; --red: #ff7b72; --yellow: #e3b341; --green: #3fb950; --blue: #79c0ff; --cyan: #56d4dd; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; word-break: break-all; }
p { margin: .25rem 0; } .soft { color: var(--soft); } nav { margin: 1rem 0; }
nav ul { margin: 0; padding-left: 1.2rem; }
a { color: var(--blue); text-decoration: none; } a:hover { text-decoration: underline; }
article { border: 1px solid var(--line); border-radius: 8px; margin: 0 0 1rem; overflow: hidden; }
article > header { padding: .6rem .9rem; border-bottom: 1px solid var(--line); }
article > header b { font-weight: 600; }
code, pre, td.code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .84rem; }
pre { margin: 0; padding: .75rem .9rem; overflow-x: auto; background: var(--code); line-height: 1.45; tab-size: 4; }
table { border-collapse: collapse; width: 100%; } th, td { padding: .35rem .75rem .35rem 0; text-align: left;
  vertical-align: top; border-bottom: 1px solid var(--line); } th { color: var(--soft); font-weight: 500; }
td.number { text-align: right; white-space: nowrap; }
.badge { display: inline-block; border: 1px solid currentColor; border-radius: 1em; padding: 0 .6em; font-size: .8rem; }
.bold { font-weight: 600; } .dim { opacity: .7; } .red { color: var(--red); } .green { color: var(--green); }
.yellow { color: var(--yellow); } .blue { color: var(--blue); } .cyan { color: var(--cyan); }
"""
_CLASSES = {
    "1": "bold", "2": "dim", "1;31": "red", "32": "green", "1;33": "yellow", "1;34": "blue", "1;36": "cyan",
}  # fmt: skip
_COLOUR = re.compile("\x1b\\[([0-9;]*)m")


def page(title: str, summary: str, body: Iterable[str]) -> Iterator[str]:
    """A whole page; ``body`` is HTML, the rest text."""
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    # Nothing is to be loaded or run, whatever may have slipped into the page.
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    yield f"<title>{text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    yield f'<h1>{text(title)}</h1>\n<p class="soft">{text(summary)}</p>\n'
    yield from body
    yield "</body>\n</html>\n"


def text(raw: str) -> str:
    """Text of a document as it may stand in HTML, control and direction characters shown."""
    return escape(visible(raw))


def spans(line: str) -> str:
    """A line as it is painted for a terminal, its colours as spans; all else of it is escaped."""
    pieces = _COLOUR.split(line)
    html = [escape(pieces[0])]
    opened = 0
    for code, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if code in _CLASSES:
            html.append(f'<span class="{_CLASSES[code]}">')
            opened += 1
        else:
            html.append("</span>" * opened)
            opened = 0
        html.append(escape(piece))
    return "".join(html) + "</span>" * opened


def badge(word: str, colour: str) -> str:
    """A word in a rounded frame."""
    return f'<span class="badge {colour}">{escape(word)}</span>'
