"""The command line's first step: the version is said before anything is loaded."""

import sys


def main() -> int:
    """Run the command that ``sys.argv`` asks for; the result is the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from lintml import __version__

        print(f"lintml {__version__}")
        return 0
    import gc

    from lintml.cli import run

    # Syntax trees are many small objects that live on: collecting among them finds nothing and doubles the time.
    gc.set_threshold(100_000, 20, 50)
    return run()


if __name__ == "__main__":
    sys.exit(main())
