"""A judge that is killed leaves neither a process nor a mount behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from processes import all_gone, descendants

from lintml.verify.sandbox import Limits, Sandbox, Unavailable, judge_environment

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the zygote needs Linux")

JUDGE = """
import sys, time
from lintml.verify.sandbox import Limits, Sandbox
level, fork, source = sys.argv[1:]
sandbox = Sandbox(boot="sandbox_handlers:executes", limits=Limits(), strongest=level, fork=fork == "fork")
child = sandbox.child()
assert child.call("exec", {"source": source}).error is None
print(sandbox.level, flush=True)
time.sleep(100)
"""
CLINGING = """
import ctypes, os, signal, time
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
there, here = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
        os.write(here, b".")
        time.sleep(100)
        os._exit(0)
    time.sleep(100)
    os._exit(0)
os.read(there, 1)
"""


@pytest.mark.parametrize("start", ["spawn", "fork"])
@pytest.mark.parametrize("level", ["namespaces", "landlock"])
def test_a_killed_judge_leaves_nothing(level: str, start: str) -> None:
    before = Path("/proc/self/mountinfo").read_text()
    judge = subprocess.Popen(
        [sys.executable, "-c", JUDGE, level, start, CLINGING],
        stdout=subprocess.PIPE,
        text=True,
        env={**judge_environment(), "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert judge.stdout is not None
    try:
        reached = judge.stdout.readline().strip()
        if reached != level:
            pytest.skip(f"this machine gives {reached or 'nothing'}, not {level}")
        below = descendants(judge.pid)
        assert len(below) >= 4  # the zygote, the child, and the two that cling
    finally:
        judge.kill()
        judge.wait()
        judge.stdout.close()
    assert all_gone(below)
    assert Path("/proc/self/mountinfo").read_text() == before


def test_a_zygote_that_is_killed_is_reported_and_takes_all_with_it() -> None:
    others = descendants(os.getpid())
    with Sandbox(boot="sandbox_handlers:executes", limits=Limits(wall=5)) as sandbox:
        child = sandbox.child()
        child.call("exec", {"source": CLINGING})
        below = descendants(os.getpid()) - others
        assert len(below) >= 4  # the zygote, the child, and the two that cling
        os.kill(int(str(sandbox.facts["process"])), signal.SIGKILL)
        assert all_gone(below)
        with pytest.raises(Unavailable):
            child.call("exec", {"source": "x = 1"})
        with pytest.raises(Unavailable):
            sandbox.child()
