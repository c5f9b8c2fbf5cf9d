"""The sandbox as its caller sees it: answers, errors, limits, and a fresh child each time."""

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lintml.verify.sandbox import (
    Array,
    Died,
    Limits,
    OutOfMemory,
    Raised,
    Sandbox,
    TimedOut,
    TooManyProcesses,
    TooMuchOutput,
    Unavailable,
    judge_environment,
    session,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the zygote needs Linux")

# On a busy machine an answer may take long; what never answers is given less.
LIMITS = Limits(wall=60.0, cpu=30, memory=256 << 20, processes=8, output=1 << 16, disk=4 << 20)


@pytest.fixture(scope="module", params=["spawn", "fork"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "came_clean", lambda: True)  # what this process was started with does not matter here
        sandbox = Sandbox(boot="sandbox_handlers:executes", limits=LIMITS, fork=request.param == "fork")
    with sandbox:
        yield sandbox


def run(sandbox: Sandbox, source: str) -> dict[str, object]:
    with sandbox.child() as child:
        reply = child.call("exec", {"source": source})
    assert reply.error is None, reply.error
    return reply.payload


def test_a_child_answers_with_what_the_source_left(sandbox: Sandbox) -> None:
    assert run(sandbox, "x = 6 * 7") == {"x": 42}


def test_names_stay_from_call_to_call_and_not_from_child_to_child(sandbox: Sandbox) -> None:
    with sandbox.child() as child:
        child.call("exec", {"source": "x = 1"})
        assert child.call("exec", {"source": "y = x + 1"}).payload == {"x": 1, "y": 2}
    assert run(sandbox, "seen = 'x' in globals()") == {"seen": False}


def test_arrays_and_floats_that_are_not_finite_come_back_unchanged(sandbox: Sandbox) -> None:
    arrays = {"a": Array("float32", (2, 1), bytes(range(8))), "none": Array("bool", (0, 5), b"")}
    with sandbox.child() as child:
        reply = child.call("echo", {"big": math.inf, "no": math.nan, "deep": {"text": "é\n"}}, arrays)
    assert reply.arrays == arrays
    assert reply.payload["big"] == math.inf
    assert math.isnan(reply.payload["no"])
    assert reply.payload["deep"] == {"text": "é\n"}


def test_an_exception_comes_back_with_its_line_and_the_child_goes_on(sandbox: Sandbox) -> None:
    with sandbox.child() as child:
        assert child.call("exec", {"source": "def f():\n    raise KeyError('lr')\nf()"}).error == Raised(
            "KeyError", "'lr'", 2
        )
        assert child.call("exec", {"source": "x = 1\nraise SystemExit(0)"}).error == Raised("SystemExit", "0", 2)
        assert child.call("exec", {"source": "a = (\n"}).error.type == "SyntaxError"
        assert child.call("exec", {"source": "z = 1"}).payload["z"] == 1


def test_printed_text_comes_with_the_call_that_printed_it(sandbox: Sandbox) -> None:
    with sandbox.child() as child:
        assert child.call("exec", {"source": "import os; print('one'); os.write(2, b'two')"}).printed in (
            "one\ntwo",
            "twoone\n",
        )
        assert child.call("exec", {"source": "print('three')"}).printed == "three\n"


HOLD = "held = b'x' * (48 << 20)\nimport time; time.sleep(60)"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (
            "import mmap\nfor _ in range(9): m = mmap.mmap(-1, 32 << 20); m.write(b'x' * (32 << 20)); globals()[str(_)] = m",
            OutOfMemory,
        ),
        (f"import os\nfor _ in range(5):\n if os.fork() == 0:\n  exec({HOLD!r})\n{HOLD}", OutOfMemory),
        ("import os, time\nfor _ in range(20): os.fork()", TooManyProcesses),
    ],
)
def test_the_supervisor_counts_what_no_limit_of_one_process_does(source: str, error: type[Exception]) -> None:
    limits = Limits(wall=60, memory=128 << 20, processes=8)
    with (
        Sandbox(boot="sandbox_handlers:executes", limits=limits) as sandbox,
        sandbox.child() as child,
        pytest.raises(error),
    ):
        child.call("exec", {"source": source})


def test_private_memory_is_an_error_of_the_code_before_it_is_one_of_the_machine(sandbox: Sandbox) -> None:
    with sandbox.child() as child:
        raised = child.call("exec", {"source": "held = bytearray(1 << 30)"}).error
        assert raised is not None
        assert raised.type == "MemoryError"
        assert child.call("exec", {"source": "x = 1"}).payload == {"x": 1}


def test_modules_that_lie_in_the_working_folder_are_not_taken_for_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "socket", "site", "lintml"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.chdir(tmp_path)
    with Sandbox(boot="sandbox_handlers:executes", limits=LIMITS) as sandbox:
        assert run(sandbox, "x = 1") == {"x": 1}


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("while True: pass", TimedOut),
        ("while True: print('x' * 1000)", TooMuchOutput),
        ("import os; os._exit(0)", Died),
        ("import os; os.abort()", Died),
    ],
)
def test_a_call_without_an_answer_raises_and_the_next_child_is_served(
    sandbox: Sandbox, source: str, error: type[Exception]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if error is TimedOut:
            patch.setattr(sandbox, "limits", replace(LIMITS, wall=1.0))
        with sandbox.child() as child:
            with pytest.raises(error):
                child.call("exec", {"source": source})
            with pytest.raises(Unavailable):
                child.call("exec", {"source": "x = 1"})
    assert run(sandbox, "x = 1") == {"x": 1}


def test_a_boot_that_fails_says_why() -> None:
    with pytest.raises(Unavailable, match="no such engine"):
        Sandbox(boot="sandbox_handlers:fails", limits=LIMITS)


def test_resource_limits_alone_are_refused_unless_allowed() -> None:
    with pytest.raises(Unavailable, match="no isolation"):
        Sandbox(boot="sandbox_handlers:executes", limits=LIMITS, strongest="rlimits")
    with Sandbox(boot="sandbox_handlers:executes", limits=LIMITS, strongest="rlimits", allow_unsafe=True) as sandbox:
        assert sandbox.level == "rlimits"
        assert run(sandbox, "x = 1") == {"x": 1}


@pytest.mark.parametrize("clean", [True, False])
def test_a_fork_happens_only_where_no_secret_came_with_the_environment(clean: bool) -> None:
    code = """
import sys
from lintml.verify.sandbox import Limits, Sandbox
sys.modules["engine_of_the_judge"] = sys
source = "import sys; forked = 'engine_of_the_judge' in sys.modules"
with Sandbox(boot="sandbox_handlers:executes", limits=Limits(), fork=True) as sandbox, sandbox.child() as child:
    print(child.call("exec", {"source": source}).payload["forked"])
"""
    environment = {**judge_environment(), "PYTHONPATH": os.pathsep.join(sys.path)}
    if not clean:
        environment["API_TOKEN"] = "not for documents"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == str(clean)


def test_modules_that_only_their_owner_may_read_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "__init__.py").write_text("from sandbox_handlers import executes\n")
    (tmp_path / "private").chmod(0o700)
    monkeypatch.syspath_prepend(tmp_path)
    with Sandbox(boot="private:executes", limits=LIMITS) as sandbox:
        assert run(sandbox, "x = 1") == {"x": 1}


def test_children_leave_no_descriptors_behind(sandbox: Sandbox) -> None:
    run(sandbox, "x = 1")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        run(sandbox, "x = 1")
        with sandbox.child() as child, pytest.raises(Died):
            child.call("exec", {"source": "import os; os._exit(1)"})
    assert len(os.listdir("/proc/self/fd")) == before
