"""``lintml config``: the settings in force, and where they come from."""

import json
import os
from typing import Any

import click

from lintml.commands import options
from lintml.commands.session import Refusal, session_for
from lintml.config import READERS, shown


@click.command("config", short_help="Print the settings in force.")
@click.argument("key", required=False)
@click.option("--for", "path", metavar="PATH", default="", help="The document to which they apply [default: here].")
@options.output_format(("toml", "json"))
@options.configuration
def command(key: str | None, path: str, output_format: str, **asked: Any) -> None:
    """Print the settings in force, or the one of KEY, as a lintml.toml would hold them."""
    session = session_for(asked)
    settings = session.settings(os.path.join(path, "") if os.path.isdir(path) else path)
    if key is not None and key not in READERS:
        raise Refusal(f"there is no setting `{key}`; known are {', '.join(READERS)}")
    values = {name: value for name, value in shown(settings).items() if key in (None, name)}
    if output_format == "json":
        print(json.dumps({"source": settings.source or None, "settings": values}, indent=2, ensure_ascii=False))
        return
    if key is None and not session.quiet:
        print(f"# {settings.source or 'no configuration file found: these are the defaults'}")
    for name, value in values.items():
        print(f"{name} = {_toml(value)}")


def _toml(value: object) -> str:
    match value:
        case dict():
            return "{ " + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + " }" if value else "{}"
        case tuple() | list():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)
