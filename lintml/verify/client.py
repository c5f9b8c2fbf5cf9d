"""The command line's end of the pipe to the judge, a process of its own that has torch."""

import json
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

from lintml.model import Verdict
from lintml.verify import Options, Request, Trial, VerifyError, messages
from lintml.verify.sandbox import judge_environment

_HOME = Path(__file__).resolve().parents[2]


class Judge:
    """A judge process, which starts while its caller goes on; raises VerifyError where there is no torch."""

    def __init__(self, options: Options, probe: bool = False) -> None:
        if find_spec("torch") is None:
            raise VerifyError("lintml verify needs torch: pip install 'lintml-torch[verify]'")
        self._tried: dict[str, Verdict] = {}
        self._hello: dict[str, Any] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process that writes to it
        # The home of lintml as working directory keeps a torch.py beside the document from being imported.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lintml.verify.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=_HOME,
            env={**judge_environment(), **_ENVIRONMENT},
        )
        self._send({"options": messages.options_to_json(options), "probe": probe})

    @property
    def device(self) -> str:
        """What it runs on; raises VerifyError where the device or the sandbox is not to be had."""
        return str(self._ready()["device"])

    @property
    def level(self) -> str:
        """How strong its sandbox is."""
        return str(self._ready()["level"])

    def verify(self, request: Request) -> list[Verdict]:
        """The verdicts of one page, in document order."""
        reply = self._ask({"verify": messages.request_to_json(request)})
        return [self._held(verdict) for verdict in reply["verdicts"]]

    def try_fix(self, trial: Trial) -> Verdict:
        """The verdict of one fix; the same fix of the same page is tried once."""
        question = messages.trial_to_json(trial)
        key = json.dumps(question)
        if key not in self._tried:
            self._tried[key] = self._held(self._ask({"try": question})["verdict"])
        return self._tried[key]

    def close(self) -> None:
        """End the process."""
        self._stop()

    def __enter__(self) -> "Judge":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _held(self, verdict: dict[str, Any]) -> Verdict:
        return replace(messages.verdict_from_json(verdict), isolation=self.level)

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        self._ready()
        self._send(question)
        return self._answer()

    def _ready(self) -> dict[str, Any]:
        if self._hello is None:
            self._hello = self._answer()
        return self._hello

    def _send(self, question: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            self._process.stdin.flush()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            tail = self._errors.read()[-600:].decode(errors="replace").strip()
            raise VerifyError(f"the judge process ended ({self._process.returncode}): {tail}")
        reply: dict[str, Any] = json.loads(line)
        if "error" in reply:
            raise VerifyError(reply["error"])
        return reply

    def _stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        if self._hello is None:
            self._process.kill()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()


# One thread and one hash seed, so that the same seed gives the same report; threads do not survive the sandbox's forks.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
