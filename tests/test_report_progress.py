"""The line that says how far a run has got."""

import io

from lintml.report.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_one_line_that_goes_away():
    stream = Terminal()
    progress = Progress(stream)
    progress.show(1, 4, "page.md")
    progress.show(2, 4, "evil\x1b[2J.md")
    assert stream.getvalue().endswith("\r[##########..........] 2/4 evil\u241b[2J.md\x1b[K")
    progress.clear()
    progress.clear()
    assert stream.getvalue().count("\r\x1b[K") == 1
    assert "\n" not in stream.getvalue()


def test_nothing_is_drawn_elsewhere_or_where_it_is_not_wanted():
    for progress in (Progress(io.StringIO()), Progress(Terminal(), wanted=False)):
        progress.show(1, 2, "page.md")
        progress.clear()
        assert isinstance(progress.stream, io.StringIO)
        assert progress.stream.getvalue() == ""


def test_a_long_name_does_not_break_the_line(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    Progress(stream).show(0, 1, "x" * 200)
    assert len(stream.getvalue().removeprefix("\r").removesuffix("\x1b[K")) == 39
