"""The way without a zygote, started on Linux as on a system that has neither namespaces nor Seatbelt."""

import ctypes
import re
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from lintml.verify.sandbox import Died, Limits, OutOfMemory, TimedOut, TooMuchOutput, Unavailable, portable
from lintml.verify.sandbox.exchange import Child
from lintml.verify.sandbox.job import Limits as JobLimits
from lintml.verify.sandbox.plan import Plan, import_path, readable
from lintml.verify.sandbox.portable import Spawner, seatbelt_profile

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="written for the other systems, run on this one")

# An interpreter is started for each child, which on a busy machine may take long; what never answers is given less.
LIMITS = Limits(wall=60.0, cpu=30, memory=64 << 20, output=1 << 16)


def plan(boot: str = "executes", device: str = "cpu") -> Plan:
    return Plan(f"sandbox_handlers:{boot}", "rlimits", LIMITS, device, readable(), import_path())


@pytest.fixture
def spawner() -> Iterator[Spawner]:
    spawner = Spawner(plan(), allow_unsafe=True)
    yield spawner
    spawner.close()


def test_it_is_refused_where_it_is_no_isolation() -> None:
    with pytest.raises(Unavailable, match="resource limits"):
        Spawner(plan(), allow_unsafe=False)


def test_a_child_answers_prints_and_keeps_its_names(spawner: Spawner) -> None:
    with Child(spawner, LIMITS) as child:
        assert child.call("exec", {"source": "x = 1; print('hi')"}).printed == "hi\n"
        assert child.call("exec", {"source": "y = x + 1"}).payload == {"x": 1, "y": 2}
    with Child(spawner, LIMITS) as child:
        assert child.call("exec", {"source": "z = 1"}).payload == {"z": 1}


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("while True: pass", TimedOut),
        ("while True: print('x' * 1000)", TooMuchOutput),
        ("import os; os._exit(3)", Died),
        ("held = b'x' * (128 << 20)\nimport time; time.sleep(100)", OutOfMemory),
    ],
)
def test_limits_hold(spawner: Spawner, source: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portable, "_IMPORTS", 0)
    limits = replace(LIMITS, wall=2.0) if error is TimedOut else LIMITS
    with Child(spawner, limits) as child, pytest.raises(error):
        child.call("exec", {"source": source})


def test_a_boot_that_fails_is_the_answer_to_every_call() -> None:
    with Child(Spawner(plan("fails"), allow_unsafe=True), LIMITS) as child:
        raised = child.call("exec", {"source": "x = 1"}).error
    assert raised is not None
    assert "no such engine" in raised.message


def test_the_seatbelt_profile_denies_first_and_balances_its_parentheses() -> None:
    profile = seatbelt_profile(plan(device="mps"), '/private/tmp/a "quoted" folder')
    assert profile.startswith("(version 1)\n(deny default)")
    outside_strings = re.sub(r'"(?:[^"\\]|\\.)*"', "", profile)
    assert outside_strings.count("(") == outside_strings.count(")")
    assert "network" not in profile
    assert "process-fork" not in profile
    assert "AGXDeviceUserClient" in profile
    assert "AGXDeviceUserClient" not in seatbelt_profile(plan(), "/private/tmp/work")


def test_the_job_object_has_the_size_that_windows_expects() -> None:
    assert ctypes.sizeof(JobLimits) == 144
