"""The wall around the hostile suite: namespaces and limits of its own, so that no attack harms anything.

Run as ``python outer.py root|user COMMAND…``. It is ``unshare --user --pid --fork --mount-proc --net`` with prlimit,
and more: where the caller is root every id up to 65535 is mapped, so that a change of user can be tried, and ``user``
is uid 65534 without capabilities; else only ``user`` is there, as the caller. Every file system is read-only but a
small one at ``/mnt``, homes are empty. Exit status 77 says that this machine gives no such wall.
"""

import fcntl
import os
import resource
import signal
import socket
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from lintml.verify.sandbox import kernel  # noqa: E402

NO_WALL = 77
NOBODY = 65534
SECONDS = 1200
LIMITS = {
    resource.RLIMIT_NPROC: 400,
    resource.RLIMIT_FSIZE: 64 << 20,
    resource.RLIMIT_DATA: 3 << 30,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_CPU: SECONDS,
}


def main(identity: str, command: list[str]) -> int:
    if identity == "root" and os.geteuid() != 0:
        print("no wall: only root can map the ids that root changes to", file=sys.stderr)
        return NO_WALL
    asked_read, asked_write = os.pipe()
    mapped_read, mapped_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            enter_namespaces(asked_write, mapped_read)
            stand_behind_the_wall(identity, command)
        except OSError as error:
            print(f"no wall: {error}", file=sys.stderr)
            os._exit(NO_WALL)
    os.close(asked_write)
    if os.read(asked_read, 1):
        map_ids(pid)
        os.write(mapped_write, b".")
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def map_ids(pid: int) -> None:
    root = os.geteuid() == 0
    if not root:
        Path(f"/proc/{pid}/setgroups").write_text("deny")
    Path(f"/proc/{pid}/uid_map").write_text("0 0 65536" if root else f"{os.getuid()} {os.getuid()} 1")
    Path(f"/proc/{pid}/gid_map").write_text("0 0 65536" if root else f"{os.getgid()} {os.getgid()} 1")


def enter_namespaces(asked: int, mapped: int) -> None:
    """Come back as pid 1 of the new ones, with every id mapped."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    new = kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET
    kernel.unshare(new | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS)
    os.write(asked, b".")
    os.read(mapped, 1)
    inner = os.fork()
    if inner:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1]) & 0xFF)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def stand_behind_the_wall(identity: str, command: list[str]) -> None:
    """As pid 1, run the command; all that it started ends with it."""
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    make_reachable([sys.base_prefix, sys.prefix, str(ROOT)])
    kernel.restrict_mount("/", kernel.MS_RDONLY)
    kernel.mount("tmpfs", "/mnt", "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=16m,mode=1777")
    kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    start_loopback()
    signal.signal(signal.SIGALRM, lambda *_: os._exit(124))
    signal.alarm(SECONDS)
    runner = os.fork()
    if runner == 0:
        become(identity)
        os.execv(command[0], command)
    while (ended := os.wait())[0] != runner:
        pass
    os._exit(os.waitstatus_to_exitcode(ended[1]) & 0xFF)


def make_reachable(paths: list[str]) -> None:
    """Lay an empty folder over the homes, and over parents that other users may not enter, and the paths back in."""
    held = {path: os.open(path, os.O_PATH) for path in paths}
    above = {str(folder) for path in paths for folder in Path(path).parents if not folder.stat().st_mode & 0o001}
    for folder in above | {home for home in ("/root", "/home") if os.path.isdir(home)}:
        if os.path.isdir(folder):  # not beneath one that is empty already
            kernel.mount("tmpfs", folder, "tmpfs", data="size=1m,mode=755")
    for path, fd in sorted(held.items()):  # a folder before what lies in it
        if not os.path.exists(path):
            os.makedirs(path)
            kernel.mount(f"/proc/self/fd/{fd}", path, flags=kernel.MS_BIND | kernel.MS_REC)
        os.close(fd)


def start_loopback() -> None:
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP


def become(identity: str) -> None:
    for kind, most in LIMITS.items():
        resource.setrlimit(kind, (most, most))
    if identity == "user" and os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    os.chdir("/mnt")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
