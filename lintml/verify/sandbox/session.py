"""A sandbox: the strongest isolation that the system gives, and children in it, one at a time."""

import sys
from types import TracebackType

from lintml.verify.sandbox.exchange import Child
from lintml.verify.sandbox.host import Host
from lintml.verify.sandbox.limits import Level, Limits, Unavailable
from lintml.verify.sandbox.plan import Plan, came_clean, import_path, readable

_LADDER: tuple[Level, ...] = ("namespaces", "landlock", "rlimits")


class Sandbox:
    """A place to run document code; a context manager.

    ``boot`` is ``package.module:function``, called once after isolation, in the zygote; what it returns answers the
    calls in each child. The zygote lives no longer than the thread that made it. It is a fresh interpreter, or with
    ``fork`` a fork of this process, which saves importing torch twice (0.1 s in place of 1.2 s, and 140 MB); then this
    process must have one thread and no secret in its memory, and where it was not started with the environment of
    ``judge_environment`` it is not forked all the same. ``level`` is the strongest isolation that the system gave,
    ``strongest`` the one to try first; with ``image`` it is a container of that image. Unavailable is raised where only
    ``rlimits`` is left and ``allow_unsafe`` is not set, and where ``boot`` fails. For the device ``cuda`` neither this
    process, where it forks, nor ``boot`` may have touched CUDA, which does not survive a fork; each child starts it
    anew, so that one child a document is best.
    """

    def __init__(
        self,
        *,
        boot: str,
        limits: Limits,
        device: str = "cpu",
        allow_unsafe: bool = False,
        fork: bool = False,
        strongest: Level = "namespaces",
        image: str = "",
    ) -> None:
        self.limits = limits
        if image:
            self._host = _container(boot, limits, device, image)
        else:
            self._host = _host(boot, limits, device, allow_unsafe, fork, strongest)
        self._child: Child | None = None

    @property
    def level(self) -> Level:
        """The isolation that children run in."""
        return self._host.level

    @property
    def memory(self) -> int:
        """Bytes of private memory that a child starts with, shared with the zygote until it writes to them."""
        return self._host.memory

    @property
    def facts(self) -> dict[str, object]:
        """More about the isolation, for people to read."""
        return self._host.facts

    def child(self) -> Child:
        """A fresh child; the one before must be closed."""
        if self._child is not None and self._child.open:
            raise RuntimeError("a sandbox has one child at a time")
        self._child = Child(self._host, self.limits)
        return self._child

    def close(self) -> None:
        """End the children, the zygote, and everything they started."""
        if self._child is not None:
            self._child.close()
        self._host.close()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _container(boot: str, limits: Limits, device: str, image: str) -> Host:
    from lintml.verify.sandbox.container import Containers

    return Containers(Plan(boot, "docker", limits, device, (), ()), image)


def _host(boot: str, limits: Limits, device: str, allow_unsafe: bool, fork: bool, strongest: Level) -> Host:
    if sys.platform != "linux":
        from lintml.verify.sandbox.portable import Spawner

        return Spawner(Plan(boot, "rlimits", limits, device, readable(), import_path()), allow_unsafe=allow_unsafe)
    from lintml.verify.sandbox.launcher import Launcher, NotIsolated

    fork = fork and came_clean()
    refused = []
    for level in _LADDER[_LADDER.index(strongest) :]:
        if level == "rlimits" and not allow_unsafe:
            break
        try:
            host = Launcher(Plan(boot, level, limits, device, readable(), import_path()), fork=fork)
        except NotIsolated as error:
            refused.append(f"{level}: {error}")
            continue
        host.facts.update({"refused": "; ".join(refused)} if refused else {})
        return host
    raise Unavailable(f"no isolation beyond resource limits on this system ({'; '.join(refused)})")
