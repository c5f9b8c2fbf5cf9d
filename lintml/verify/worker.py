"""The judge process: has torch, owns the sandbox, never runs document code; and what the sandbox boots."""

import gc
import json
import os
import sys
from typing import Any


def main() -> None:
    """Answer the command line's questions, one line of JSON each, until it hangs up."""
    gc.disable()  # nothing that is imported is ever garbage, and looking for some takes a sixth of the time
    answers = _answers()
    questions = sys.stdin.buffer
    line = questions.readline()
    if not line:
        return
    first = json.loads(line)

    from lintml.verify import messages

    options = messages.options_from_json(first["options"])
    try:
        import torch
    except ImportError as error:
        _say(answers, {"error": f"torch does not import: {error}"})
        return
    torch.set_num_threads(1)

    from lintml.verify.judge.devices import DeviceMissing, resolve

    try:
        device = resolve(options.device)
    except DeviceMissing as missing:
        _say(answers, {"error": str(missing)})
        return
    if first.get("probe"):
        _say(answers, {"device": device, "level": ""})
        return

    from dataclasses import replace

    from lintml.verify.judge import serve

    serve.run(replace(options, device=device), questions, lambda answer: _say(answers, answer))


def boot() -> Any:
    """What the zygote calls once: the handler of all that the judge asks of a child."""
    from lintml.verify.guest import handler

    handler.warm_up()
    return handler.Guest()


def _answers() -> Any:
    """The pipe to the command line, moved away from where a library may print."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "wb")


def _say(answers: Any, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    main()
    os._exit(0)  # all is said, and taking torch down again piece by piece takes a third as long as importing it
