"""Hostile documents: each is contained, as root and as an ordinary user, and the next document is served.

Everything runs behind the wall of ``hostile/outer.py``: an attack that succeeds reaches nothing of this machine.
"""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the wall and the zygote need Linux")

HOSTILE = Path(__file__).parent / "hostile"
ATTACKS = sorted((HOSTILE / "attacks").glob("*.py"))
NO_WALL, ABSENT = 77, 78


@cache
def shoot(identity: str, level: str, attacks: tuple[Path, ...]) -> dict[str, Any]:
    """What each attack did; skips where this machine has no wall, or not this level of isolation."""
    command = [sys.executable, HOSTILE / "outer.py", identity, sys.executable, HOSTILE / "range.py", level, *attacks]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=1500)
    if done.returncode in (NO_WALL, ABSENT):
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("level", ["namespaces", "landlock"])
@pytest.mark.parametrize("identity", ["root", "user"])
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda path: path.stem)
def test_an_attack_is_contained_and_the_next_document_is_served(attack: Path, identity: str, level: str) -> None:
    result = shoot(identity, level, tuple(ATTACKS))[attack.stem]
    expected = re.search(r"^# ends: (.+)$", attack.read_text(), re.MULTILINE)[1].split(", ")
    assert result["won"] == []
    assert result["changes"] == []
    assert result["following"] == []
    assert result["ending"] in expected


@pytest.mark.parametrize(
    "name",
    [
        "change_outside",
        "disk_full",
        "new_namespaces",
        "old_root",
        "other_instruction_set",
        "read_secrets",
        "read_the_zygote",
        "shell",
        "slow_the_zygote",
        "steal_descriptors",
        "tcp",
        "udp",
        "unix_socket",
        "write_outside",
    ],
)
def test_the_attack_succeeds_where_there_is_no_isolation(name: str) -> None:
    """An attack that fails everywhere would prove nothing of the sandbox."""
    result = shoot("user", "rlimits", (HOSTILE / "attacks" / f"{name}.py",))[name]
    assert result["won"] or result["changes"]
