"""``python -m lintml.torch_api.generate WHEEL|FOLDER … [-o FILE] [--package NAME]``: write a table of names."""

import argparse
import sys
from pathlib import Path

from lintml.torch_api.generate import SourceError, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m lintml.torch_api.generate", description=__doc__)
    parser.add_argument("sources", nargs="+", type=Path, metavar="WHEEL|FOLDER", help="one for each version")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to write it (default: standard output)"
    )
    parser.add_argument(
        "-p", "--package", default="torch", metavar="NAME", help="the top-level package (default: torch)"
    )
    options = parser.parse_args()
    try:
        text = table(options.package, options.sources)
    except SourceError as error:
        print(error, file=sys.stderr)
        return 2
    if options.output:
        options.output.write_text(text, encoding="utf-8", newline="\n")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
