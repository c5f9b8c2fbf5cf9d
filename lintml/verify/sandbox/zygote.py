"""The process that has torch loaded and never runs a document: it isolates itself, boots, and forks a child per call.

It is a fresh interpreter or a fork of the judge. Between it and the judge stands one more process where there are
namespaces, since a process cannot enter a process namespace itself, only its child can.
"""

import gc
import json
import os
import platform
import signal
import socket
import sys
import traceback
from collections.abc import Iterable
from importlib import import_module
from pathlib import PurePath
from typing import NoReturn

from lintml.verify.sandbox import kernel, landlock, namespaces, seccomp, supervisor
from lintml.verify.sandbox.answering import answer_calls, print_to_descriptors
from lintml.verify.sandbox.confinement import RPC, Confinement
from lintml.verify.sandbox.limits import Ending
from lintml.verify.sandbox.plan import Handler, Plan, environment
from lintml.verify.sandbox.supervisor import Supervisor

_FIRST_UID, _UIDS = 61184, 4096  # a range that systemd keeps for users that nobody is
_LARGEST_MESSAGE = 1 << 16
_NOT_CONFINED = 71  # EX_OSERR


def start(control_fd: int, plan: Plan) -> NoReturn:
    """Isolate, boot, serve; the process ends with it. Every failure goes to the judge as a message."""
    control = socket.socket(fileno=control_fd)
    stage = "isolate"
    try:
        _become_nobody_to_the_terminal(control)
        _isolate(plan, control)
        stage = "boot"
        os.environ.clear()
        os.environ.update(environment(plan.device, _work(plan)))
        handler = _boot(plan.boot)
        stage = "serve"
        _serve(control, plan, handler)
    except BaseException as error:
        report = "".join(traceback.format_exception(error)) if stage != "isolate" else f"{error}"
        _send(control, {"event": "failed", "stage": stage, "error": report[-8000:]})
        os._exit(1)
    os._exit(0)


def _become_nobody_to_the_terminal(control: socket.socket) -> None:
    """A session of its own, so that Ctrl-C reaches the judge alone; no handlers, so that no child can signal pid 1."""
    os.setsid()
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    fd = control.fileno()
    os.closerange(3, fd)
    os.closerange(fd + 1, os.sysconf("SC_OPEN_MAX"))


def _isolate(plan: Plan, control: socket.socket) -> None:
    """Leave everything that a child could reach; ends this process where a child of it goes on instead."""
    judge = os.getppid()
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != judge:
        os._exit(1)
    identity = _identity()
    if plan.level == "namespaces":
        if not seccomp.supported():
            raise OSError("no seccomp filter for this machine")
        identity = identity if _others_can_read(plan.visible) else None
        pid = namespaces.enter(plan.visible, disk=plan.limits.disk, device=plan.device, identity=identity)
        if pid:
            control.close()
            os._exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xFF)
    else:
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        if plan.level == "landlock" and not (landlock.abi() and seccomp.supported()):
            raise OSError("no Landlock in this kernel, or no seccomp filter for this machine")
        identity = identity if _others_can_read(_with_parents(plan.visible)) else None
    kernel.drop_capabilities(identity)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    # a change of user clears the signal; a judge that died in between has closed its end of the control socket
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def _identity() -> int | None:
    """A user of its own where the caller is root with users to choose from, so that limits count it alone."""
    uid = _FIRST_UID + os.getpid() % _UIDS
    return uid if os.geteuid() == 0 and _mapped("uid_map", uid) and _mapped("gid_map", uid) else None


def _mapped(name: str, number: int) -> bool:
    with open(f"/proc/self/{name}", encoding="ascii") as file:
        ranges = [tuple(map(int, line.split())) for line in file]
    return any(first <= number < first + size for first, _, size in ranges)


def _others_can_read(paths: Iterable[str]) -> bool:
    return all(os.stat(path).st_mode & (0o001 if os.path.isdir(path) else 0o004) for path in paths)


def _with_parents(paths: tuple[str, ...]) -> set[str]:
    return {*paths, *(str(parent) for path in paths for parent in PurePath(path).parents)}


def _work(plan: Plan) -> str:
    return namespaces.WORK if plan.level == "namespaces" else "/nonexistent"


def _boot(name: str) -> Handler:
    sys.dont_write_bytecode = True
    module, _, function = name.partition(":")
    gc.disable()
    handler: Handler = getattr(import_module(module), function)()
    gc.freeze()  # a collection in a child must not copy every page it inherited, nor one here that of the judge
    gc.enable()
    return handler


def _serve(control: socket.socket, plan: Plan, handler: Handler) -> None:
    alone = plan.level == "namespaces"
    watcher = Supervisor(plan.limits, alone=alone)
    judge = os.getppid()
    own = os.getpid()
    confinement = Confinement(
        level=plan.level,
        limits=plan.limits,
        data=supervisor.data_of(own),
        others=0 if alone else _processes_of_this_user(),
        rules=_rules(plan),
        cuda=plan.device == "cuda",
    )
    if alone:
        seccomp.program(platform.machine(), among_others=None, memfd=confinement.cuda)  # once, for all children
    _send(control, {"event": "ready", "memory": supervisor.memory_of(own), "landlock": landlock.abi()})
    while True:
        text, fds, _, _ = socket.recv_fds(control, _LARGEST_MESSAGE, 2)
        if not text:
            return
        message = json.loads(text)
        if message["op"] != "fork":
            continue  # the end of a child that ended before it was asked to
        if not alone:  # there is no namespace to end with this process, which must live to kill what was started
            kernel.prctl(kernel.PR_SET_PDEATHSIG, 0)
        try:
            ending = _run_one(control, watcher, confinement, handler, fds)
        finally:
            watcher.sweep()
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != judge:
            return
        _send(control, {"event": "ended", "code": ending.code, "reason": ending.reason})


def _run_one(
    control: socket.socket, watcher: Supervisor, confinement: Confinement, handler: Handler, fds: list[int]
) -> Ending:
    pid = os.fork()
    if pid == 0:
        _become_child(confinement, handler, *fds)
    for fd in fds:
        os.close(fd)
    ending = watcher.watch(pid, control.fileno())
    if ending is None:
        text = control.recv(_LARGEST_MESSAGE)
        return watcher.grace(pid, json.loads(text)["patience"] if text else 0.0)
    return ending


def _become_child(confinement: Confinement, handler: Handler, rpc: int, output: int) -> NoReturn:
    try:
        confinement.put_on(rpc, output)
    except BaseException:
        os._exit(_NOT_CONFINED)  # nothing of a document has run
    try:
        print_to_descriptors()
        answer_calls(socket.socket(fileno=RPC), handler)
    finally:
        os._exit(0)


def _rules(plan: Plan) -> landlock.Ruleset | None:
    if plan.level == "rlimits" or not landlock.abi():
        return None
    rules = landlock.Ruleset()
    rules.allow(["/dev/null"], "write")
    if plan.level == "namespaces":
        rules.allow(["/"], "read")
        rules.allow([namespaces.WORK, namespaces.SHARED_MEMORY], "write")
    else:
        devices = [f"/dev/{name}" for name in namespaces.DEVICES]
        kernel_facts = ["/proc/cpuinfo", "/proc/meminfo", "/proc/stat", namespaces.PROCESSORS]
        rules.allow([*namespaces.SYSTEM, *plan.visible, *devices, *kernel_facts], "read")
    if plan.device == "cuda":
        rules.allow(["/sys"], "read")
        # the driver names its threads through /proc/self/task; without it cuInit fails with 304
        rules.allow([*namespaces.gpu_devices(), *(["/proc"] if plan.level == "namespaces" else [])], "write")
    return rules


def _processes_of_this_user() -> int:
    count = 0
    for name in os.listdir("/proc"):
        if name.isdecimal():
            try:
                if os.stat(f"/proc/{name}").st_uid == os.getuid():
                    count += len(os.listdir(f"/proc/{name}/task"))
            except OSError:
                continue
    return count


def _send(control: socket.socket, message: dict[str, object]) -> None:
    control.send(json.dumps(message).encode("utf-8", "replace"))
