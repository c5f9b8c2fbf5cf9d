"""A container for each child (``--sandbox docker``): docker's isolation around the same worker, on any system.

The image brings Python and torch; lintml itself is mounted into it, to be read only. Nothing is ever downloaded. This
file's tests run it with a program that stands in for ``docker``; it has not met a real one yet.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from functools import partial
from typing import IO, NoReturn

from lintml.verify.sandbox.answering import answer_calls, print_to_descriptors
from lintml.verify.sandbox.host import Anew
from lintml.verify.sandbox.limits import Ending, Level, Unavailable
from lintml.verify.sandbox.plan import ONE_THREAD, Plan, package_folder
from lintml.verify.sandbox.portable import boot

_IMPORTS = 512 << 20  # what torch takes before the first line of a document
_NOBODY = "65534:65534"
_WORK = "/w"
_SOURCE = "/lintml"
_OUT_OF_MEMORY = 128 + 9  # nobody but the kernel and this file kills with this signal
_CHUNK = 1 << 16
_PROGRAM = (
    f"import sys; sys.path.insert(0, {_SOURCE!r}); "
    "from lintml.verify.sandbox import container; container.become_child(sys.argv[1])"
)


class Containers(Anew):
    """A host that starts a container for each child; raises Unavailable where docker or the image is not there."""

    level: Level = "docker"

    def __init__(self, plan: Plan, image: str) -> None:
        super().__init__(partial(_Running, plan, image))
        self.facts: dict[str, object] = {"image": image}
        if shutil.which("docker") is None:
            raise Unavailable("--sandbox docker: there is no `docker` on this machine's PATH")
        found = subprocess.run(["docker", "image", "inspect", image], capture_output=True, text=True, check=False)
        if found.returncode:
            said = (found.stderr.strip().splitlines() or ["it gave no reason"])[-1]
            hint = f"; `docker pull {image}` gets it" if "no such image" in said.lower() else ""
            raise Unavailable(f"--sandbox docker: {said}{hint}")


def command_line(plan: Plan, image: str, name: str, source: str) -> list[str]:
    """What starts a container: no network, no rights, nothing writable but a small ``/w``, and all of it counted.

    ``source`` is the folder of lintml's own package.
    """
    limits = plan.limits
    memory = str(limits.memory + _IMPORTS)
    disk = f"rw,nosuid,nodev,noexec,mode=1777,size={limits.disk}"
    variables = {"HOME": _WORK, "TMPDIR": _WORK, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
    variables |= dict.fromkeys(ONE_THREAD, "1")
    seconds = max(1, int(-(-limits.cpu // 1)))
    return [
        *("docker", "run", "--rm", "--interactive", "--init", "--name", name, "--pull", "never"),
        *("--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
        *("--user", _NOBODY, "--workdir", _WORK, "--tmpfs", f"{_WORK}:{disk}", "--shm-size", str(limits.disk)),
        # The same for memory with swap: there is none beyond it.
        *("--memory", memory, "--memory-swap", memory, "--pids-limit", str(limits.processes + 32)),
        *("--ulimit", f"cpu={seconds}:{seconds + 1}", "--ulimit", f"fsize={limits.disk}", "--ulimit", "core=0"),
        *("--ulimit", "nofile=256", "--log-driver", "none"),
        *(("--gpus", "all") if plan.device == "cuda" else ()),
        *(part for key, value in variables.items() for part in ("--env", f"{key}={value}")),
        *("--mount", f"type=bind,source={source},target={_SOURCE}/lintml,readonly"),
        *("--entrypoint", "python3", image, "-I", "-B", "-c", _PROGRAM, plan.boot),
    ]  # fmt: skip


class _Running:
    """One container, and the threads that carry its calls in and out."""

    def __init__(self, plan: Plan, image: str, connection: socket.socket, output: socket.socket) -> None:
        self._name = f"lintml-{secrets.token_hex(8)}"
        self.bell, self._clapper = socket.socketpair()
        self._process = subprocess.Popen(
            command_line(plan, image, self._name, package_folder()),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output.fileno(),
            start_new_session=sys.platform != "win32",
        )
        self._ours = connection.dup()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        threading.Thread(target=_carry_in, args=(self._ours, self._process.stdin), daemon=True).start()
        threading.Thread(target=self._carry_out, args=(self._process.stdout,), daemon=True).start()

    def end(self, patience: float) -> Ending:
        """Kill what runs, unless it ends by itself within ``patience`` seconds."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        code = self._process.poll()
        if code is None:
            subprocess.run(["docker", "kill", self._name], capture_output=True, check=False)
            self._process.kill()
            self._process.wait()
        for end in (self._ours, self.bell, self._clapper):
            end.close()
        if code == _OUT_OF_MEMORY:
            return Ending(None, "memory")
        return Ending(128 - code if code is not None and code > 128 else code)

    def _carry_out(self, source: IO[bytes]) -> None:
        with suppress(OSError, ValueError):
            while chunk := os.read(source.fileno(), _CHUNK):
                self._ours.sendall(chunk)
        self._process.wait()
        with suppress(OSError):
            self._ours.shutdown(socket.SHUT_RDWR)
            self._clapper.send(b"!")


def become_child(name: str) -> NoReturn:
    """What runs in the container: calls come in on standard input and are answered on standard output.

    What a document prints goes to standard error; it reads nothing.
    """
    connection = _Pipes(os.dup(0), os.dup(1))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    try:
        print_to_descriptors()
        answer_calls(connection, boot(name))
    finally:
        os._exit(0)


class _Pipes:
    """Two pipes that are read and written like one socket."""

    def __init__(self, source: int, sink: int) -> None:
        self._source = source
        self._sink = sink

    def recv(self, size: int, /) -> bytes:
        """At most ``size`` bytes, none at the end."""
        return os.read(self._source, size)

    def sendall(self, data: bytes, /) -> None:
        """Write all of ``data``."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._sink, view) :]


def _carry_in(source: socket.socket, sink: IO[bytes]) -> None:
    with suppress(OSError, ValueError), sink:
        while chunk := source.recv(_CHUNK):
            sink.write(chunk)
            sink.flush()
