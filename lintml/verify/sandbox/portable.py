"""Where there is no Linux: a fresh interpreter for each child, held by what the system offers.

macOS: Seatbelt (``sandbox-exec``) for files, network and processes, resource limits, memory as measured. Windows: a
job object, which counts memory and processes and hides nothing, so that it is refused unless allowed. This file has
run on Linux alone, where its tests start it as they would a Mac's without Seatbelt; neither the profile nor the job
object has met its own system.
"""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any, NoReturn

from lintml.verify.sandbox.answering import answer_calls, print_to_descriptors
from lintml.verify.sandbox.host import Anew
from lintml.verify.sandbox.limits import Ending, Level, Limits, Unavailable
from lintml.verify.sandbox.plan import Handler, Plan, environment
from lintml.verify.sandbox.wire import Array

_SEATBELT = "/usr/bin/sandbox-exec"
_IMPORTS = 512 << 20  # what torch takes before the first line of a document
_TICK = 0.05
_PROGRAM = (
    "import sys; sys.path[:] = __import__('json').loads(sys.argv[1]); "
    "from lintml.verify.sandbox import portable; portable.become_child()"
)


class Spawner(Anew):
    """A host that starts an interpreter for each child; raises Unavailable where that is no isolation."""

    def __init__(self, plan: Plan, *, allow_unsafe: bool) -> None:
        self.level: Level = "seatbelt" if os.path.exists(_SEATBELT) else "rlimits"
        if self.level == "rlimits" and not allow_unsafe:
            raise Unavailable("no isolation beyond resource limits on this system")
        super().__init__(partial(_Running, plan, self.level))
        self.facts: dict[str, object] = {"system": sys.platform}


class _Running:
    """One interpreter, the folder that it may write, and the thread that watches it."""

    def __init__(self, plan: Plan, level: Level, connection: socket.socket, output: socket.socket) -> None:
        self._limits = plan.limits
        self._work = os.path.realpath(tempfile.mkdtemp(prefix="lintml-"))
        self._broken = ""
        self.bell, self._clapper = socket.socketpair()
        prefix = [_SEATBELT, "-p", seatbelt_profile(plan, self._work)] if level == "seatbelt" else []
        windows = sys.platform == "win32"
        self._process = subprocess.Popen(
            [*prefix, sys.executable, "-I", "-B", "-c", _PROGRAM, json.dumps(plan.path)],
            env=environment(plan.device, self._work),
            cwd=self._work,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if windows else output.fileno(),
            stderr=subprocess.STDOUT,
            pass_fds=() if windows else (connection.fileno(),),
            start_new_session=not windows,
        )
        self._job: Any = None
        if sys.platform == "win32":
            from lintml.verify.sandbox.job import Job

            self._job = Job(self._process, memory=plan.limits.memory + _IMPORTS, processes=plan.limits.processes)
            threading.Thread(target=_pump, args=(self._process.stdout, output.dup()), daemon=True).start()
            handle = base64.b64encode(connection.share(self._process.pid)).decode()
        else:
            handle = str(connection.fileno())
        # nothing of a document can run before this, so that the job, where there is one, holds all of it
        assert self._process.stdin is not None
        with suppress(BrokenPipeError), self._process.stdin as stdin:
            stdin.write(json.dumps({"plan": plan.to_json(), "connection": handle}).encode())
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def end(self, patience: float) -> Ending:
        """Kill what runs, unless it ends by itself within ``patience`` seconds, and remove what it wrote."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        code = None if self._broken else self._process.poll()
        self._kill()
        self._process.wait()
        self._watcher.join()
        self.bell.close()
        self._clapper.close()
        shutil.rmtree(self._work, ignore_errors=True)
        return Ending(code, self._broken)

    def _watch(self) -> None:
        while self._process.poll() is None:
            if footprint(self._process.pid) > self._limits.memory + _IMPORTS:
                self._broken = "memory"
                self._kill()
            time.sleep(_TICK)
        self._clapper.send(b"!")

    def _kill(self) -> None:
        if self._job is not None:
            self._job.close()
        elif sys.platform != "win32":
            import signal

            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


def become_child() -> NoReturn:
    """What the fresh interpreter runs: take the plan from standard input, boot, answer."""
    order = json.loads(sys.stdin.read())
    plan = Plan.from_json(order["plan"])
    if sys.platform == "win32":
        connection = socket.fromshare(base64.b64decode(order["connection"]))
    else:
        connection = socket.socket(fileno=int(order["connection"]))
        _limit(plan.limits)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    try:
        print_to_descriptors()
        answer_calls(connection, boot(plan.boot))
    finally:
        os._exit(0)


def seatbelt_profile(plan: Plan, work: str) -> str:
    """The rules of ``sandbox-exec``: read what Python needs, write one folder, no network and no other process."""
    system = ("/usr/lib", "/System", "/Library/Frameworks", "/private/var/db/dyld", "/private/var/db/timezone")
    readable = "\n".join(f"  (subpath {json.dumps(path)})" for path in (*system, *plan.visible, work))
    metal = """
(allow iokit-open (iokit-user-client-class "AGXDeviceUserClient"))
(allow mach-lookup (global-name "com.apple.MTLCompilerService"))"""
    return f"""(version 1)
(deny default)
(allow process-exec* (subpath {json.dumps(sys.prefix)}) (subpath {json.dumps(sys.base_prefix)}))
(allow signal (target self))
(allow sysctl-read)
(allow file-read-metadata)
(allow file-read*
{readable}
  (literal "/dev/null") (literal "/dev/random") (literal "/dev/urandom"))
(allow file-write* (subpath {json.dumps(work)}) (literal "/dev/null")){metal if plan.device == "mps" else ""}
"""


def footprint(pid: int) -> int:
    """Bytes of memory that a process holds; 0 where the system does not say."""
    if sys.platform == "darwin":
        import ctypes

        usage = (ctypes.c_uint64 * 64)()
        # RUSAGE_INFO_V2 of <sys/resource.h>: 16 bytes of uuid, then 64-bit counts, of which the eighth is the footprint
        failed = ctypes.CDLL("/usr/lib/libproc.dylib").proc_pid_rusage(pid, 2, usage)
        return 0 if failed else int(usage[9])
    if sys.platform == "linux":
        from lintml.verify.sandbox.supervisor import memory_of

        return memory_of(pid)
    return 0


def boot(name: str) -> Handler:
    """The handler, or where it cannot be had one that says why to whoever asks."""
    module, _, function = name.partition(":")
    try:
        handler: Handler = getattr(import_module(module), function)()
    except Exception as error:
        reason = f"the sandbox could not boot: {type(error).__name__}: {error}"

        def handler(op: str, payload: dict[str, Any], arrays: dict[str, Array]) -> NoReturn:
            raise RuntimeError(reason)

    return handler


def _limit(limits: Limits) -> None:
    import resource

    seconds = max(1, int(-(-limits.cpu // 1)))
    for kind, value in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits.disk),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))


def _pump(source: Any, sink: socket.socket) -> None:
    with suppress(OSError), sink:
        while chunk := source.read1(1 << 16):
            sink.sendall(chunk)
