"""What the sandbox costs: the zygote's start and memory, a child, a call, beside a bare import and a bare fork.

Lasting work is timed once, what repeats as the median of its rounds. On two shared cores, torch 2.13 for CPUs: import
torch 1.5 s, zygote 1.2 s and 150 MiB, bare fork and exit 5 ms, a child 9 ms in all, a call 0.2 ms; where three times as
many wanted the cores, 3.9 s, 2.7 s, 16 ms and 22 ms.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from lintml.verify.sandbox import Array, Limits, Sandbox, SandboxError, judge_environment

ROUNDS = 30
BAR = 20.0
BOOT = "lintml.verify.worker:boot"
FORKS = """
import os, statistics, time
from lintml.verify.worker import boot
boot()
times = []
for _ in range({rounds}):
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    times.append(time.perf_counter() - start)
print(statistics.median(times))
"""


def main() -> None:
    environment = {**judge_environment(), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    show("import torch, bare", timed(lambda: run("import torch", environment)))
    start = time.perf_counter()
    with Sandbox(boot=BOOT, limits=Limits(wall=1.0)) as sandbox:
        show(f"zygote, a fresh interpreter, {sandbox.level}", time.perf_counter() - start)
        show("fork and exit of the same process, bare", float(run(FORKS.format(rounds=ROUNDS), environment)))
        show("a child: fork, confine, one call, sweep", median(lambda: whole(sandbox)), BAR)
        with sandbox.child() as child:
            nothing: dict[str, object] = {"blocks": [], "seed": 0}
            small = {"x": Array("float32", (64, 64), bytes(64 * 64 * 4))}
            show("a call", median(lambda: child.call("define", nothing)))
            show("a call with 16 KB", median(lambda: child.call("define", nothing, small)))
        show("a child that never answers, past its second", timed(lambda: endless(sandbox)) - 1.0)
        print(f"{'memory of the zygote':<48} {sandbox.memory / (1 << 20):8.0f} MiB")
    start = time.perf_counter()
    Sandbox(boot="lintml.verify.sandbox.__main__:echo", limits=Limits()).close()
    show("isolation and an interpreter, without torch", time.perf_counter() - start)


def whole(sandbox: Sandbox) -> None:
    with sandbox.child() as child:
        child.call("define", {"blocks": [[0, "x = 1"]], "seed": 0})


def endless(sandbox: Sandbox) -> None:
    with sandbox.child() as child:
        try:
            child.call("define", {"blocks": [[0, "while True: pass"]], "seed": 0})
        except SandboxError:
            return
    sys.exit("an endless loop was answered")


def run(code: str, environment: dict[str, str]) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout


def timed(deed: Callable[[], object]) -> float:
    start = time.perf_counter()
    deed()
    return time.perf_counter() - start


def median(deed: Callable[[], object]) -> float:
    return statistics.median(timed(deed) for _ in range(ROUNDS))


def show(name: str, seconds: float, bar: float | None = None) -> None:
    print(f"{name:<48} {seconds * 1000:8.1f} ms" + (f"   (bar: {bar:g} ms)" if bar else ""))


if __name__ == "__main__":
    main()
