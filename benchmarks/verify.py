"""What verifying a document costs beside importing torch and running its snippets bare; give paths, or take the tour.

Every document is fixed first, so that all of it runs. Whole processes, in turns, the best of a few rounds. A page of 29
snippets and 33 subjects, on two cores that several others used as well (torch 2.13, CPU): 1.1 to 1.5 times as long, and
1.3 to 1.5 times the processor time.
"""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lintml import pipeline, trials
from lintml.config import Settings
from lintml.documents import load
from lintml.documents.reading import parse
from lintml.verify import Options, Request
from lintml.verify.client import Judge

ROUNDS = 5
BAR = 1.5
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
        document = pipeline.fix(parse(load(path)[0], path), Settings(), unsafe=True).after
        requests = [trials.request(page) for page in pipeline.pages_of(document)]
        texts = [block.text for request in requests for block in request.blocks]
        (bare, bare_work), (whole, whole_work) = best(partial(run_bare, texts), partial(verified, requests))
        with Judge(Options()) as judge:
            found = [verdict for request in requests for verdict in judge.verify(request)]
        times = sorted(verdict.seconds for verdict in found) or [0.0]
        slow = sorted(found, key=lambda verdict: -verdict.seconds)[:3]
        print(f"{path}, fixed: {len(texts)} snippets, {len(found)} verdicts")
        print(f"  {'':28}   time         of the processor")
        print(f"  torch and the snippets, bare {bare:7.2f} s 1.00 {bare_work:9.2f} s 1.00")
        ratios = f"{whole:7.2f} s {whole / bare:.2f} {whole_work:9.2f} s {whole_work / bare_work:.2f}"
        print(f"  verified                     {ratios}   (bar: {BAR:g} times as long)")
        print(f"  a subject, in the middle     {statistics.median(times) * 1e3:7.1f} ms")
        print(f"  the slowest                  {', '.join(f'{v.subject} {v.seconds * 1e3:.0f} ms' for v in slow)}")


def best(*works: Callable[[], object]) -> list[tuple[float, float]]:
    """The shortest time of each and the least that its processes worked, taken in turns: what disturbs meets all."""
    taken: list[list[tuple[float, float]]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, times in zip(works, taken, strict=True):
            began, before = time.perf_counter(), worked()
            work()
            times.append((time.perf_counter() - began, worked() - before))
    return [(min(time for time, _ in times), min(work for _, work in times)) for times in taken]


def worked() -> float:
    """The processor seconds of all processes that were started and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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
