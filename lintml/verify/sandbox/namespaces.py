"""A private machine for the zygote: namespaces of its own, a read-only root made of what Python needs, no network.

What is here for CUDA follows what others report of their sandboxes; it has not met a GPU yet.
"""

import os
from collections.abc import Sequence

from lintml.verify.sandbox import kernel

WORK = "/w"
SHARED_MEMORY = "/dev/shm"

_OLD = "/old"
DEVICES = ("null", "zero", "full", "random", "urandom")
SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/libexec",
    "/nix/store",
    "/gnu/store",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/localtime",
)
PROCESSORS = "/sys/devices/system/cpu"
_MOUNT_POINTS = ("/tmp", "/var/tmp", "/run", "/mnt")


def enter(visible: Sequence[str], *, disk: int, device: str, identity: int | None) -> int:
    """Fork into a private machine, as os.fork does: 0 in the child, which is pid 1 there, its process id in the caller.

    ``visible`` are the files and folders that stay, read-only; ``disk`` bytes can be written under ``/w`` and under
    ``/dev/shm`` each; ``identity`` is the user to own them where the caller is root, None for an ordinary user.
    Raises OSError where the kernel refuses, after which the caller is fit for nothing but to end. Needs one thread.
    """
    uid = os.getuid() if identity is None else identity
    gid = os.getgid() if identity is None else identity
    if identity is None:
        _own_user_namespace(uid, gid)
    kernel.unshare(
        kernel.CLONE_NEWNS
        | kernel.CLONE_NEWNET
        | kernel.CLONE_NEWIPC
        | kernel.CLONE_NEWUTS
        | kernel.CLONE_NEWPID
        | kernel.CLONE_NEWCGROUP
    )
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    sources, devices = _sources(visible, device), _devices(device)
    _move_to_empty_root()
    for target, source in sources.items():
        _bind(source, target)
        kernel.restrict_mount(target, kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV)
    for node in devices:
        _bind(node, node)
    os.symlink("/proc/self/fd", "/dev/fd")
    for scratch in (WORK, SHARED_MEMORY):
        os.makedirs(scratch, exist_ok=True)
        options = f"size={disk},nr_inodes=4096,mode=700,uid={uid},gid={gid}"
        kernel.mount("tmpfs", scratch, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, options)
    os.makedirs("/proc", exist_ok=True)
    pid = os.fork()  # the first process after unshare is pid 1 of the new namespace
    if pid == 0:
        kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
        kernel.detach(_OLD)
        os.rmdir(_OLD)
        frozen = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV
        kernel.mount("none", "/", flags=frozen)
    return pid


def gpu_devices() -> list[str]:
    """What a GPU's driver is reached by: CUDA's nodes, and ROCm's."""
    return [f"/dev/{name}" for name in os.listdir("/dev") if name.startswith(("nvidia", "kfd", "dri"))]


def _own_user_namespace(uid: int, gid: int) -> None:
    kernel.unshare(kernel.CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _move_to_empty_root() -> None:
    base = next(path for path in _MOUNT_POINTS if os.path.isdir(path))
    kernel.mount("tmpfs", base, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,nr_inodes=8192,mode=755")
    os.mkdir(base + _OLD)
    kernel.pivot_root(base, base + _OLD)
    os.chdir("/")


def _sources(visible: Sequence[str], device: str) -> dict[str, str]:
    """What is to be seen at each place: the resolved path, since links lead elsewhere once the root has moved."""
    wanted = [*SYSTEM, "/sys" if device == "cuda" else PROCESSORS, *visible, *(os.path.realpath(p) for p in visible)]
    outermost: list[str] = []
    for path in sorted(set(wanted), key=len):
        if os.path.exists(path) and not any(path.startswith(f"{kept.rstrip('/')}/") for kept in outermost):
            outermost.append(path)
    return {path: os.path.realpath(path) for path in outermost}


def _devices(device: str) -> list[str]:
    named = [f"/dev/{name}" for name in DEVICES]
    return [path for path in named if os.path.exists(path)] + (gpu_devices() if device == "cuda" else [])


def _bind(source: str, target: str) -> None:
    if os.path.isdir(_OLD + source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target):
            os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))
    kernel.mount(_OLD + source, target, flags=kernel.MS_BIND | kernel.MS_REC)
