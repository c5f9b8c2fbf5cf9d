"""``python -m lintml.verify.sandbox --probe``: how strong the sandbox is on this machine, and how fast."""

import argparse
import statistics
import time
from typing import Any

from lintml.verify.sandbox import Array, Handler, Limits, Sandbox, Unavailable

_ROUNDS = 20


def main() -> int:
    """Print what a sandbox on this machine is made of; status 1 where there is none."""
    parser = argparse.ArgumentParser(prog="python -m lintml.verify.sandbox", description=__doc__)
    parser.add_argument("--probe", action="store_true", required=True, help="start a sandbox and describe it")
    parser.add_argument("--boot", default="lintml.verify.sandbox.__main__:echo", help="what to load in the zygote")
    arguments = parser.parse_args()
    start = time.perf_counter()
    try:
        with Sandbox(boot=arguments.boot, limits=Limits()) as sandbox:
            _describe(sandbox, time.perf_counter() - start)
    except Unavailable as error:
        print(error)
        return 1
    return 0


def echo() -> Handler:
    """A handler that needs nothing."""

    def handler(op: str, payload: dict[str, Any], arrays: dict[str, Array]) -> tuple[dict[str, Any], dict[str, Array]]:
        return payload, arrays

    return handler


def _describe(sandbox: Sandbox, seconds: float) -> None:
    print(f"{'isolation':<24}{sandbox.level}")
    for name, fact in sandbox.facts.items():
        print(f"{name:<24}{fact}")
    print(f"{'zygote':<24}{sandbox.memory / (1 << 20):.0f} MiB, started in {seconds * 1000:.0f} ms")
    whole = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        with sandbox.child() as child:
            child.call("echo", {})
        whole.append(time.perf_counter() - start)
    print(f"{'a child, all in all':<24}{statistics.median(whole) * 1000:.1f} ms")


if __name__ == "__main__":
    raise SystemExit(main())
