"""What the hostile suite boots in the zygote: it executes an attack, with torch loaded where there is one."""

import os
from typing import Any

from lintml.verify.sandbox import Array, Handler


def boot() -> Handler:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 700)  # as a library does that keeps a file open
    try:
        import torch
    except ImportError:
        pass
    else:
        torch.set_num_threads(1)

    def handler(op: str, payload: dict[str, Any], arrays: dict[str, Array]) -> tuple[dict[str, Any], dict[str, Array]]:
        scope: dict[str, Any] = {"__name__": "__document__"}
        won: list[str] = []
        exec(compile(payload["source"], "<document>", "exec"), scope)
        scope["attack"](payload["world"], won)
        return {"won": won}, {}

    return handler
