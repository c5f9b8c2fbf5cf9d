"""What all tests share: hypothesis draws the same examples in every run, and what was counted is printed at the end."""

from typing import Any

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what tests recorded under ``counted``, one line each."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties if report.when == "call" else ():
            if name == "counted":
                terminalreporter.write_line(value)
