"""Opens the sandbox and answers questions about pages and fixes."""

import gc
import json
import warnings
from collections.abc import Callable
from contextlib import closing, nullcontext
from functools import partial
from typing import IO, Any

from lintml.model import Verdict
from lintml.verify import Options, Request, compiler, messages
from lintml.verify.judge import page, trials
from lintml.verify.judge.desk import Desk
from lintml.verify.judge.twin import Twin, Wanted, Work, possible
from lintml.verify.references import added
from lintml.verify.sandbox import Limits, Sandbox, Unavailable

Say = Callable[[dict[str, Any]], None]


def run(options: Options, questions: IO[bytes], say: Say) -> None:
    """Answer each line of ``questions``; the first answer says that the sandbox stands, and how strong it is."""
    compiler.keep_away()
    warnings.simplefilter("ignore")  # The references are tried on whatever comes.
    try:
        added.load(options.references)
        gc.freeze()  # what is there now stays: a collection in a fork must not copy every page of it
        gc.enable()
        twin = Twin(_share(options)) if possible(options) else None
        sandbox = _sandbox(options)
    except (Unavailable, added.Unloadable) as error:
        say({"error": str(error)})
        return
    desk = Desk(partial(_sandbox, options), options.seed)
    with closing(twin) if twin is not None else nullcontext(), sandbox, closing(desk):
        say({"device": options.device, "level": sandbox.level})
        for line in questions:
            say(_answer(sandbox, desk, twin, json.loads(line), options))


def _share(options: Options) -> Work:
    """Judges shares of pages in a sandbox that is started for the first of them."""
    opened: list[Sandbox] = []

    def work(request: Request, wanted: Wanted) -> list[Verdict]:
        if not opened:
            opened.append(_sandbox(options))
        return page.share_of(opened[0], request, options, wanted)

    return work


def _sandbox(options: Options) -> Sandbox:
    return Sandbox(
        boot="lintml.verify.worker:boot",
        limits=Limits(wall=options.timeout, cpu=10 * options.timeout, memory=options.memory << 20),
        device=options.device,
        allow_unsafe=options.unsafe_sandbox,
        # A fork shares the torch imported here; what may touch CUDA gets an interpreter of its own.
        fork=options.device == "cpu",
        image=options.image,
    )


def _answer(
    sandbox: Sandbox, desk: Desk, twin: Twin | None, question: dict[str, Any], options: Options
) -> dict[str, Any]:
    match question:
        case {"verify": request}:
            found = page.verdicts(sandbox, messages.request_from_json(request), options, twin)
            return {"verdicts": [messages.verdict_to_json(verdict) for verdict in found]}
        case {"try": trial}:
            verdict = trials.verdict(desk, messages.trial_from_json(trial), options)
            return {"verdict": messages.verdict_to_json(verdict)}
    return {"error": f"not a question: {', '.join(question)}"}
