"""The HTML pages: whole, self-contained, and deaf to whatever a document says."""

from dataclasses import replace
from html.parser import HTMLParser

from findings import Page, shown
from hypothesis import given
from hypothesis import strategies as st

from lintml import documents
from lintml.model import Verdict
from lintml.report.html_verdicts import render
from lintml.report.page import spans, text
from lintml.report.paint import COLOUR

TEXT = "# A page\n\n```python\nx = '<script>alert(1)</script>' & torch.ones(2)\n```\n\n```python\nif\n```\n"
RAN = Verdict("", 0, 4, "passed", "matches", "torch.ones", 1.5e-16, ("one device",))
EVIL = Verdict("<b>", 0, 4, "failed", "parses", error=("E<i>", '"><script>alert(1)</script>'), reason="a & b")


class Reader(HTMLParser):
    """Which elements a page has, and what it says."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.said = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said += data


def page_with(message: str, verdict: Verdict | None = None) -> Reader:
    page = Page(TEXT, "docs/<page>.md")
    page.find(("ones", 0), message, fix=page.fix((("(2)", 0), "(<3>)")))
    page.diagnostics = [replace(each, verdict=verdict) for each in page.diagnostics]
    read = Reader(shown("html", page))
    assert read.open == []
    return read


def test_a_finding_stands_there_with_its_frame_its_difference_and_its_proof():
    said = page_with("it is wrong", RAN).said
    for words in (
        "it is wrong",
        "x = '<script>alert(1)</script>' & torch.ones(2)",
        "^^^^",
        "+ x = '<script>alert(1)</script>' & torch.ones(<3>)",
        "proof: matches: torch.ones, within 1.5e-16; 1 law holds (on cpu)",
        "Found 1 error in 1 document",
        "docs/<page>.md:8:3",
    ):
        assert words in said


def test_a_page_loads_and_runs_nothing():
    for read in (page_with("it is wrong", EVIL), Reader("".join(render([(Page(TEXT).document, [EVIL])], "all")))):
        assert not read.tags & {"script", "link", "img", "iframe", "i"}
        assert not read.attributes & {"src", "onload", "onclick"}
        assert "<script>alert(1)</script>" in read.said


@given(st.text())
def test_what_a_message_says_is_said_and_not_obeyed(message: str):
    tags = page_with("plain").tags
    assert page_with(message).tags == tags


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])), st.sampled_from([COLOUR.red, COLOUR.bold]))
def test_colours_become_elements_around_the_same_text(words: str, brush):
    read = Reader(spans(f"<{brush(words)}&"))
    assert read.said == f"<{words}&"
    assert read.open == []
    assert read.tags == ({"span"} if words else set())


def test_verdicts_are_a_table_for_each_document_that_has_any():
    empty = documents.parse("# Nothing", "empty.md")
    read = Reader("".join(render([(Page(TEXT).document, [RAN, EVIL]), (empty, [])], "1 passed, 1 failed")))
    assert "page.md" in read.said
    assert "empty.md" not in read.said
    for words in ("matches", "torch.ones, within 1.5e-16", "one device", "parses, then fails", "a & b"):
        assert words in read.said


def test_control_characters_are_shown():
    assert text("a\x1b[31m\u202e") == "a\u241b[31m\ufffd"
