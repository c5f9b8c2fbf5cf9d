"""The command line: a name for each command, whose module is loaded when it is asked for, and one way to fail."""

import io
import os
import sys
from importlib import import_module
from typing import NoReturn

import click

from lintml import __version__

COMMANDS = {
    "check": "check:command",
    "fix": "fix:command",
    "verify": "verify:command",
    "shapes": "shapes:command",
    "rule": "rulebook:rule",
    "rules": "rulebook:rules",
    "new-rule": "new_rule:command",
    "config": "settings:command",
    "api": "api:command",
    "clean": "clean:command",
}

INTERNAL_ERROR = 2
INTERRUPTED = 130


class Commands(click.Group):
    """A group that loads a command's module only to run it or to list it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of a reader's interest."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            from difflib import get_close_matches

            close = get_close_matches(cmd_name, COMMANDS, n=1)
            hint = f"; did you mean `lintml {close[0]}`?" if close else ""
            ctx.fail(f"there is no command `{cmd_name}`{hint}")
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"lintml.commands.{module}"), attribute)
        return command

    def invoke(self, ctx: click.Context) -> NoReturn:
        """Run the command; what it returns is the exit code."""
        ctx.exit(super().invoke(ctx) or 0)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 nothing to report, 1 findings, 2 not all could be done.",
)
@click.version_option(__version__, "-V", "--version", prog_name="lintml", message="%(prog)s %(version)s")
def cli() -> None:
    """Find, fix and prove fixes of PyTorch bugs in Markdown, notebooks and scripts."""


def run() -> int:
    """Run the command line for ``sys.argv``; the result is the exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A document may hold what the terminal's encoding does not; that must not end the run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(cli.main(prog_name="lintml", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; Python would complain again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:
        import traceback

        traceback.print_exc()
        print("lintml: internal error: please report the lines above", file=sys.stderr)
        return INTERNAL_ERROR
