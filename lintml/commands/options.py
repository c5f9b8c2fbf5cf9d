"""Options that several commands share, as decorators."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

import click

Function: TypeAlias = Callable[..., Any]
F = TypeVar("F", bound=Function)


def paths(function: F) -> F:
    """``PATHS``, and what decides about them."""
    return _all(
        click.argument("paths", nargs=-1, metavar="[PATHS]..."),
        click.option("--stdin-filename", metavar="NAME", help="The name that standard input (`-`) goes by."),
        click.option("--force-exclude", is_flag=True, help="Exclude paths that are named on the command line, too."),
        click.option(
            "--docstrings/--no-docstrings", default=None, help="Read the code in the docstrings of scripts, too."
        ),
    )(function)


def selection(function: F) -> F:
    """Which rules are heard: codes, prefixes of codes, names, ALL; separated by commas or given again."""
    return _all(
        click.option(
            "--select", multiple=True, metavar="RULES", help="Only these rules (codes, prefixes, names, ALL)."
        ),
        click.option("--extend-select", multiple=True, metavar="RULES", help="These rules, too."),
        click.option("--ignore", multiple=True, metavar="RULES", help="All but these rules."),
        click.option("--torch-version", metavar="VERSION", help="The torch that the documents are written for."),
    )(function)


def configuration(function: F) -> F:
    """Where settings come from, and how output looks."""
    return _all(
        click.option("--config", multiple=True, metavar="FILE|KEY=VALUE", help="A configuration file, or one setting."),
        click.option("--isolated", is_flag=True, help="Ignore all configuration files."),
        click.option("-q", "--quiet", is_flag=True, help="Print results, but no summary."),
        click.option("-v", "--verbose", is_flag=True, help="Also list what could not be read or tried, and why."),
        click.option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            show_default=True,
            help="When to colour.",
        ),
    )(function)


def unsafe_fixes(function: F) -> F:
    """Whether unsafe fixes count."""
    return _all(
        click.option(
            "--unsafe-fixes/--no-unsafe-fixes", default=None, help="Include fixes that may change what the code does."
        )
    )(function)


def output_format(names: Sequence[str]) -> Callable[[F], F]:
    """One of the formats, the first unless another is asked for."""
    return _all(
        click.option(
            "--output-format",
            type=click.Choice(names),
            default=names[0],
            show_default=True,
            envvar="LINTML_OUTPUT_FORMAT",
            help="How results are written.",
        )
    )


def cache(function: F) -> F:
    """Whether to use what an earlier run found out."""
    return _all(click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."))(function)


def running(function: F) -> F:
    """How document code is run."""
    return _all(
        click.option("--device", type=click.Choice(["cpu", "cuda", "mps", "auto"]), help="Where to run."),
        click.option("--seed", type=click.IntRange(min=0), help="Seed of weights and inputs."),
        click.option(
            "--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="Of a document."
        ),
        click.option("--memory", type=click.IntRange(min=256), metavar="MIB", help="Of a document."),
        click.option(
            "--sandbox", type=click.Choice(["auto", "docker"]), help="The system's own sandbox, or a container."
        ),
        click.option("--docker-image", metavar="IMAGE", help="An image with Python and torch, for --sandbox docker."),
        click.option("--unsafe-sandbox", is_flag=True, default=None, help="Run even where isolation is incomplete."),
    )(function)


def _all(*decorators: Callable[[Function], Function]) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        # The last decorator applied is the first option that --help lists.
        for decorator in reversed(decorators):
            decorator(function)
        return function

    return decorate
