"""``lintml clean``: away with what earlier runs remembered."""

import shutil
from pathlib import Path

import click

from lintml.cache import FOLDER
from lintml.commands import options
from lintml.commands.session import Refusal, session_for


@click.command("clean")
@options.configuration
def command(**asked: object) -> None:
    """Remove the cache of this project."""
    folder = Path(session_for(asked).settings().root) / FOLDER
    if not folder.is_dir():
        return
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise Refusal(f"{folder}: cannot be removed: {error.strerror}") from None
    print(f"removed {folder}")
