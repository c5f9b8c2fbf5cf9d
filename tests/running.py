"""Code run in a process of its own that has torch already: a server imports it once, and forks for each."""

import contextlib
import io
import multiprocessing
import sys
import traceback
from multiprocessing.connection import Connection

FORKS = "forkserver" in multiprocessing.get_all_start_methods()
CONTEXT = multiprocessing.get_context("forkserver" if FORKS else "spawn")
CONTEXT.set_forkserver_preload(["torch", "torch.optim", "pytest"])
SECONDS = 120


def ending(code: str) -> str:
    """The last line of the traceback that code ends with, empty if it runs to its end."""
    here, there = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_run, args=(code, there))
    process.start()
    there.close()
    try:
        return here.recv() if here.poll(SECONDS) else f"no end after {SECONDS} seconds"
    except EOFError:
        return "the process died"
    finally:
        process.kill()
        process.join()


def _run(code: str, there: Connection) -> None:
    last = ""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            exec(compile(code, "<fence>", "exec"), {"__name__": "__main__"})
        except SystemExit as end:
            last = f"SystemExit: {end.code}" if end.code else ""
        except BaseException:
            last = traceback.format_exception_only(*sys.exc_info()[:2])[-1].strip().splitlines()[-1]
    there.send(last)
