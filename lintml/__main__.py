"""The command line's first step: the version is said before anything is loaded."""

import sys


def main() -> int:
    """Run the command that ``sys.argv`` asks for; the result is the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from lintml import __version__

        print(f"lintml {__version__}")
        return 0
    from lintml.cli import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
