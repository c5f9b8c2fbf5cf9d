"""What verifying a document costs beside importing torch and running its snippets bare; give paths, or take the tour.

The best of a few rounds, whole processes. A page of 29 snippets and 33 subjects that all run, on two cores that others
used as well (torch 2.13, CPU): 2.2 times as long and 2.3 times the processor time; it was 3.0 before the laws shared
their modules and scales, seeds and modes went in pairs. 1.5 is wanted: what is left is mostly making the modules again.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lintml import pipeline, trials
from lintml.documents import load
from lintml.documents.reading import parse
from lintml.verify import Options, Request
from lintml.verify.client import Judge

ROUNDS = 3
BARE = """
import sys
import torch
space = {}
for text in sys.stdin.read().split("\\0"):
    try:
        exec(compile(text, "snippet", "exec"), space)
    except Exception:
        pass
"""


def main(paths: list[str]) -> None:
    """Print the seconds of both, their ratio, and the time of the median and the slowest subjects."""
    for path in paths:
        document = parse(load(path)[0], path)
        requests = [trials.request(page) for page in pipeline.pages_of(document)]
        texts = [block.text for request in requests for block in request.blocks]
        bare = best(partial(run_bare, texts))
        whole = best(partial(verified, requests))
        with Judge(Options()) as judge:
            found = [verdict for request in requests for verdict in judge.verify(request)]
        times = sorted(verdict.seconds for verdict in found) or [0.0]
        slow = sorted(found, key=lambda verdict: -verdict.seconds)[:3]
        print(f"{path}: {len(texts)} snippets, {len(found)} verdicts")
        print(f"  torch and the snippets, bare {bare:7.2f} s   1.00")
        print(f"  verified                     {whole:7.2f} s   {whole / bare:.2f}")
        print(f"  a subject, in the middle     {statistics.median(times) * 1e3:7.1f} ms")
        print(f"  the slowest                  {', '.join(f'{v.subject} {v.seconds * 1e3:.0f} ms' for v in slow)}")


def best(work: Callable[[], object]) -> float:
    """The shortest of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def run_bare(texts: list[str]) -> None:
    """A process that imports torch and runs the snippets, going on where one fails."""
    subprocess.run([sys.executable, "-c", BARE], input="\0".join(texts), text=True, capture_output=True, check=True)


def verified(requests: list[Request]) -> None:
    """A judge that is started, asked and ended."""
    with Judge(Options()) as judge:
        for request in requests:
            judge.verify(request)


if __name__ == "__main__":
    main(sys.argv[1:] or [str(Path(__file__).parent.parent / "fixtures" / "documents" / "tour.md")])
