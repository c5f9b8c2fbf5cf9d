"""Opens the sandbox and answers questions about pages and fixes."""

import json
from collections.abc import Callable
from typing import IO, Any

from lintml.verify import Options, messages
from lintml.verify.judge import page, trials
from lintml.verify.sandbox import Limits, Sandbox, Unavailable

Say = Callable[[dict[str, Any]], None]


def run(options: Options, questions: IO[bytes], say: Say) -> None:
    """Answer each line of ``questions``; the first answer says that the sandbox stands, and how strong it is."""
    try:
        server = _Server(options)
    except Unavailable as error:
        say({"error": str(error)})
        return
    try:
        say({"device": options.device, "level": server.sandbox.level})
        for line in questions:
            server.prepare(line)
            say(_answer(server.sandbox, json.loads(line), options))
    finally:
        server.sandbox.close()


class _Server:
    """A sandbox whose zygote has what the pages need: optimizers load torch's compiler, which takes a second."""

    def __init__(self, options: Options) -> None:
        self._options = options
        # A fork shares the torch imported here; what may touch CUDA gets an interpreter of its own.
        self._fork = options.device == "cpu"
        self._loaded = False
        self.sandbox = self._open()

    def prepare(self, question: bytes) -> None:
        """Make sure that the compiler is loaded once, here, rather than in each child that needs it."""
        if self._fork and not self._loaded and b"optim" in question.lower():
            import torch._dynamo  # noqa: F401

            self._loaded = True
            self.sandbox.close()
            self.sandbox = self._open()

    def _open(self) -> Sandbox:
        options = self._options
        limits = Limits(wall=options.timeout, cpu=10 * options.timeout, memory=options.memory << 20)
        return Sandbox(
            boot="lintml.verify.worker:boot",
            limits=limits,
            device=options.device,
            allow_unsafe=options.unsafe_sandbox,
            fork=self._fork,
        )


def _answer(sandbox: Sandbox, question: dict[str, Any], options: Options) -> dict[str, Any]:
    match question:
        case {"verify": request}:
            found = page.verdicts(sandbox, messages.request_from_json(request), options)
            return {"verdicts": [messages.verdict_to_json(verdict) for verdict in found]}
        case {"try": trial}:
            verdict = trials.verdict(sandbox, messages.trial_from_json(trial), options)
            return {"verdict": messages.verdict_to_json(verdict)}
    return {"error": f"not a question: {', '.join(question)}"}
