"""The text for people: frames, marks, inline diffs, and the closing lines."""

import re

from findings import CELLS, Page, shown
from hypothesis import given
from hypothesis import strategies as st

from lintml.report.columns import visible, width
from lintml.report.paint import COLOUR

BLOCK = """# A block

```python
class Block(nn.Module):
    def __init__(self, d_in, d_out):
        super().__init__()
        self.first = nn.Linear(d_in, d_out)
        self.second = nn.Linear(d_in, d_out)

    def forward(self, x):
        residual = x

        y = self.first(x)
        y = self.second(y)
        return y + residual
```

Later on:

```python
block = Block(3, 5)
block(torch.ones(2, 3))
```
"""


def test_a_frame_shows_the_place_its_causes_and_the_fix():
    page = Page(BLOCK)
    page.find(
        ("self.second(y)", 0),
        "`self.second` takes `d_in` features, but is given `d_out`",
        because=[
            (("nn.Linear(d_in, d_out)", 1), "declared here for `d_in`"),
            (("self.first(x)", 0), "this gives `d_out`"),
        ],
        fix=page.fix((("d_in, d_out)", 2), "d_out, d_out)")),
    )
    assert shown("full", page) == (
        """\
SHP001 [*] `self.second` takes `d_in` features, but is given `d_out`
  --> page.md:14:13
   |
 8 |         self.second = nn.Linear(d_in, d_out)
   |                       ---------------------- declared here for `d_in`
...
13 |         y = self.first(x)
   |             ------------- this gives `d_out`
14 |         y = self.second(y)
   |             ^^^^^^^^^^^^^^
15 |         return y + residual
   |
help: Do it right
   |
 7 |         self.first = nn.Linear(d_in, d_out)
   -         self.second = nn.Linear(d_in, d_out)
 8 +         self.second = nn.Linear(d_out, d_out)
   |

Found 1 error in 1 document (2 snippets).
[*] 1 fixable with `lintml fix --write`.
"""
    )


def test_a_cause_in_another_snippet_has_a_frame_of_its_own():
    page = Page(BLOCK)
    page.find(("block(torch.ones(2, 3))", 0), because=[(("class Block", 0), "this class")])
    assert shown("full", page, quiet=True) == (
        """\
SHP001 a message
  --> page.md:22:1
   |
21 | block = Block(3, 5)
22 | block(torch.ones(2, 3))
   | ^^^^^^^^^^^^^^^^^^^^^^^
   |
  ::: page.md:4:1
   |
 4 | class Block(nn.Module):
   | ----------- this class
   |

"""
    )


def test_wide_characters_tabs_and_quotes_keep_marks_under_what_they_mark():
    page = Page("> ```python\n> 変数 = é\t(\n>     1,\n> ) + 変\n> ```\n")
    page.find(("(\n    1,\n)", 0), "a message", "DEV001", "warning")
    page.find(("変", 1), "a message")
    assert shown("full", page, quiet=True) == (
        """\
DEV001 a message
 --> page.md:2:10
  |
2 | > 変数 = é    (
  |               ^
3 | >     1,
  |       ^^
4 | > ) + 変
  |   ^
  |

SHP001 a message
 --> page.md:4:7
  |
2 | > 変数 = é    (
3 | >     1,
4 | > ) + 変
  |       ^^
  |

"""
    )


def test_a_cell_of_a_notebook_is_named_and_counted_from_its_own_first_line():
    page = Page(CELLS, "n.ipynb")
    page.find(("torch.ones", 0), fix=page.fix((("(2)", 0), "(3)")))
    assert shown("full", page, quiet=True) == (
        """\
SHP001 [*] a message
 --> n.ipynb:cell 2:2:5
  |
1 | import torch
2 | x = torch.ones(2)
  |     ^^^^^^^^^^
3 | y = "a" if x.sum() else "b"
  |
help: Do it right
  |
1 | import torch
  - x = torch.ones(2)
2 + x = torch.ones(3)
3 | y = "a" if x.sum() else "b"
  |

"""
    )


def test_a_fix_of_two_snippets_counts_rows_as_they_will_be():
    page = Page(BLOCK)
    fix = page.fix((("class Block", 0), "import torch\n\n\nclass Block"), (("(3, 5)", 0), "(5, 5)"))
    page.find(("Block(3, 5)", 0), fix=fix)
    _, _, patch = shown("full", page, quiet=True).partition("help: Do it right\n")
    assert patch == (
        """\
   |
 4 + import torch
 5 +
 6 +
 7 | class Block(nn.Module):
...
   - block = Block(3, 5)
24 + block = Block(5, 5)
25 | block(torch.ones(2, 3))
   |

"""
    )


def test_what_a_terminal_would_obey_is_shown_instead():
    page = Page('```python\nx = "\x1b[31m\u202e"\n```\n')
    page.find(("x", 0), "a \x1b[2J message")
    text = shown("full", page)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "␛[31m" in text
    assert "␛[2J" in text


def test_colour_adds_nothing_but_colour():
    page = Page(BLOCK)
    page.find(("self.second(y)", 0), fix=page.fix((("d_in, d_out)", 2), "d_out, d_out)")))
    coloured = shown("full", page, paint=COLOUR)
    assert coloured != shown("full", page)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == shown("full", page)


def test_notes_say_what_kind_of_fix_and_of_finding_it_is():
    page = Page(BLOCK)
    page.find(("residual", 0), fix=page.fix((("residual", 0), "r"), applicability="unsafe"))
    page.find(("residual", 0), fix=page.fix((("residual", 0), "r"), applicability="display"))
    page.find(("residual", 0), severity="info")
    text = shown("full", page)
    assert re.findall("note: (.*)", text) == [
        "This is an unsafe fix and may change what the code does",
        "This fix is a sketch, to be applied by hand",
        "This is advice, and does not set the exit code",
    ]
    assert "SHP001 [*]" not in text
    assert shown("full", page, unsafe=True).count("SHP001 [*]") == 1


def test_the_summary_counts_what_it_has_seen():
    page = Page(BLOCK + "\n```python\n$ pip install torch\n```\n")
    assert shown("concise", page) == (
        "All checks passed: 3 snippets in 1 document; 1 snippet could not be read (`-v` lists it).\n"
    )
    page.find(("residual", 0), fix=page.fix((("residual", 0), "r"), applicability="unsafe"))
    page.find(("residual", 0), fix=page.fix((("residual", 0), "r")))
    page.find(("residual", 0), severity="warning")
    page.find(("residual", 0), severity="info")
    assert shown("concise", page, Page("nothing", "other.md")).splitlines()[-3:] == [
        "Found 2 errors, 1 warning, 1 note in 2 documents (3 snippets).",
        "1 snippet could not be read (`-v` lists it).",
        "[*] 1 fixable with `lintml fix --write` (1 more with `--unsafe-fixes`).",
    ]
    assert shown("concise", page, unsafe=True).splitlines()[-1] == (
        "[*] 2 fixable with `lintml fix --write --unsafe-fixes`."
    )


@given(st.text())
def test_visible_text_holds_nothing_that_moves_the_cursor(text: str):
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", visible(text))
    assert visible(visible(text)) == visible(text)


@given(st.text(), st.text())
def test_width_adds_up(left: str, right: str):
    assert width(left + right) == width(left) + width(right)
    assert width(visible(left)) == width(left)


def test_width_counts_terminal_columns():
    assert [width(text) for text in ("ab", "変数", "e\u0301", "\t", "\u200b", "\x00")] == [2, 4, 1, 4, 0, 1]
