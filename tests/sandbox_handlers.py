"""What the sandbox's tests boot in its zygote: a handler that executes source text, and some that misbehave."""

from typing import Any

from lintml.verify.sandbox import Array, Handler


def executes() -> Handler:
    """``exec`` gives the JSON-able names that the source left behind; ``echo`` gives back what came."""
    scope: dict[str, Any] = {"__name__": "__document__"}

    def handler(op: str, payload: dict[str, Any], arrays: dict[str, Array]) -> tuple[dict[str, Any], dict[str, Array]]:
        if op == "echo":
            return payload, arrays
        exec(compile(payload["source"], "<document>", "exec"), scope)
        plain = (bool, int, float, str, list, dict, type(None))
        return {name: value for name, value in scope.items() if name[0] != "_" and isinstance(value, plain)}, {}

    return handler


def fails() -> Handler:
    """A boot that cannot be done."""
    raise RuntimeError("no such engine")
