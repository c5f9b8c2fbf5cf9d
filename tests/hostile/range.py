"""The range: attacks run one after the other in a sandbox, and what the world around it looks like after each.

Run behind the wall as ``python range.py LEVEL ATTACK…``; refuses to run in front of it. Prints a JSON object: the name
of each attack, and how it ended, what it won, what it changed, and what the next document saw.
"""

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE)]

from lintml.verify.sandbox import Level, Limits, Sandbox, SandboxError  # noqa: E402

ABSENT = 78
PATIENT = Limits(wall=60.0, cpu=10, memory=256 << 20, processes=16, output=1 << 20, disk=8 << 20)
BRISK = replace(PATIENT, wall=1.5)
SECRET = "decoy-7f3a91"  # what stands in a file, in the environment and in a process's arguments; worth nothing
NEXT_DOCUMENT = (HERE / "next_document.py").read_text()


@dataclass
class Result:
    """``won`` is what the attack itself noticed to have got; the rest is seen from outside."""

    ending: str
    won: list[str]
    changes: list[str] = field(default_factory=list)
    following: list[str] | None = None
    seconds: float = 0.0


class World:
    """Things to attack: listeners, a bystander, a folder that may be written, a secret."""

    def __init__(self) -> None:
        self.folder = Path("/mnt/world")
        self.folder.mkdir()
        self.folder.chmod(0o777)
        (self.folder / "secret").write_text(SECRET)
        (self.folder / "precious").write_text("keep me")
        (self.folder / "precious").chmod(0o666)
        os.environ.update({"API_TOKEN": SECRET, "API_KEY": "token" + "-51c0de"})
        self.bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)", SECRET])
        self.hits = 0
        self._selector = selectors.DefaultSelector()
        self.tcp = self._listen(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        self.udp = self._listen(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self._listen(socket.AF_UNIX, socket.SOCK_STREAM, str(self.folder / "engine.sock"))
        self._listen(socket.AF_UNIX, socket.SOCK_STREAM, "\0lintml-range")
        self._before = self._look()
        self._known = set(processes())

    def describe(self) -> dict[str, Any]:
        return {
            "folder": str(self.folder),
            "tcp": self.tcp,
            "udp": self.udp,
            "bystander": self.bystander.pid,
            "judge": os.getpid(),
            "secret": SECRET,
        }

    def settle(self) -> None:
        """From now on, the processes that are there belong there."""
        self._known = set(processes())

    def changes(self) -> list[str]:
        """What is not as it was before the attack."""
        found = []
        while self._selector.select(0):
            for key, _ in self._selector.select(0):
                if key.fileobj.type == socket.SOCK_STREAM:
                    key.fileobj.accept()[0].close()
                else:
                    key.fileobj.recv(100)
                found.append(f"{key.data} was reached")
        if self.bystander.poll() is not None or stopped(self.bystander.pid):
            found.append("the bystander was hurt")
        if (now := self._look()) != self._before:
            found.append("the folder changed")
            self._before = now
        deadline = time.monotonic() + 10
        while (left := set(processes()) - self._known) and time.monotonic() < deadline:
            time.sleep(0.01)
        return found + [f"process {pid} is left" for pid in left]

    def _listen(self, family: int, kind: int, address: Any) -> int:
        listener = socket.socket(family, kind)
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        if family == socket.AF_UNIX and address[0] != "\0":
            os.chmod(address, 0o777)
        self._selector.register(listener, selectors.EVENT_READ, f"{family.name} {kind.name}")
        return 0 if family == socket.AF_UNIX else listener.getsockname()[1]

    def _look(self) -> dict[str, tuple[int, str]]:
        return {
            path.name: (path.stat().st_mode, path.read_text() if path.is_file() else "")
            for path in sorted(self.folder.iterdir())
        }


def processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]


def stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "TtZX"


def attack(sandbox: Sandbox, world: World, source: str) -> Result:
    start = time.monotonic()
    with sandbox.child() as child:
        try:
            reply = child.call("attack", {"source": source, "world": world.describe()})
            ending = "answer" if reply.error is None else reply.error.type
            won = list(reply.payload.get("won", []))
            if SECRET in reply.printed:
                won.append("printed the secret")
        except SandboxError as error:
            ending, won = type(error).__name__, []
    result = Result(ending, won, world.changes(), seconds=round(time.monotonic() - start, 3))
    given, sandbox.limits = sandbox.limits, PATIENT
    with sandbox.child() as child:
        calm = {"priority": os.getpriority(os.PRIO_PROCESS, 0)}
        result.following = child.call("attack", {"source": NEXT_DOCUMENT, "world": calm}).payload.get("won")
    sandbox.limits = given
    return result


def main(level: Level, paths: list[str]) -> None:
    if b"outer.py" not in Path("/proc/1/cmdline").read_bytes():
        sys.exit("the range stands behind the wall of outer.py, and nowhere else")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    world = World()
    found = {}
    sources = {Path(path).stem: Path(path).read_text() for path in paths}
    endless = {name for name, source in sources.items() if "TimedOut" in source}
    for limits, names in ((BRISK, endless), (PATIENT, sources.keys() - endless)):
        with Sandbox(boot="engine:boot", limits=limits, strongest=level, allow_unsafe=level == "rlimits") as sandbox:
            if sandbox.level != level:
                print(f"this machine gives {sandbox.level}, not {level}", file=sys.stderr)
                sys.exit(ABSENT)
            world.settle()
            found.update({name: asdict(attack(sandbox, world, sources[name])) for name in sorted(names)})
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
