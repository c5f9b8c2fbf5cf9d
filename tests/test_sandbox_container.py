"""Containers: the command line that starts one, and the host around it with a program that stands in for docker."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lintml.verify.sandbox import Died, Limits, OutOfMemory, Sandbox, TimedOut, TooMuchOutput, Unavailable
from lintml.verify.sandbox.container import command_line
from lintml.verify.sandbox.plan import Plan, package_folder

# An interpreter is started for each child, which on a busy machine may take long; what never answers is given less.
LIMITS = Limits(wall=60.0, cpu=5, memory=64 << 20, output=1 << 16, processes=8)
# Runs the image's command in place; has one image; kills what it is told to by the name's file.
DOCKER = """\
#!{python}
import os, sys
words = sys.argv[1:]
here = os.path.dirname(os.path.abspath(__file__))
if words[:2] == ["image", "inspect"]:
    sys.exit(0 if words[2] == "there" else "Error: No such image: " + words[2])
elif words[0] == "kill":
    os.kill(int(open(os.path.join(here, words[1])).read()), 9)
elif words[0] == "run":
    with open(os.path.join(here, words[words.index("--name") + 1]), "w") as file:
        file.write(str(os.getpid()))
    at = words.index("there")
    program = words[at + 1 :]
    program[3] = "import sys; sys.path[:0] = [{source!r}, {tests!r}]; " + program[3]
    os.execv(sys.executable, [sys.executable, *program])
"""


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "docker"
    source, tests = os.path.dirname(package_folder()), os.path.dirname(__file__)
    place.write_text(DOCKER.format(python=sys.executable, source=source, tests=tests))
    place.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)


def sandbox(image: str = "there") -> Sandbox:
    return Sandbox(boot="sandbox_handlers:executes", limits=LIMITS, image=image)


def options(line: list[str]) -> list[str]:
    """The words before the image, each option joined to its value."""
    words = line[2 : line.index("there")]
    joined: list[str] = []
    for word in words:
        if word.startswith("--") or not joined:
            joined.append(word)
        else:
            joined[-1] += f" {word}"
    return joined


def test_a_container_may_do_next_to_nothing() -> None:
    line = command_line(Plan("a:b", "docker", LIMITS, "cpu", (), ()), "there", "name", "/home/lintml")
    assert line[:2] == ["docker", "run"]
    for wanted in (
        "--rm",
        "--network none",
        "--read-only",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        "--user 65534:65534",
        "--pull never",
        "--pids-limit 40",
        f"--memory {(64 + 512) << 20}",
        f"--memory-swap {(64 + 512) << 20}",
        f"--tmpfs /w:rw,nosuid,nodev,noexec,mode=1777,size={64 << 20}",
        "--ulimit cpu=5:6",
        "--mount type=bind,source=/home/lintml,target=/lintml/lintml,readonly",
    ):
        assert wanted in options(line)
    assert not [word for word in line if "privileged" in word or "docker.sock" in word or word == "--gpus"]


def test_a_gpu_is_let_in_where_it_is_asked_for() -> None:
    line = command_line(Plan("a:b", "docker", LIMITS, "cuda", (), ()), "there", "name", "/home/lintml")
    assert "--gpus all" in options(line)


@pytest.mark.usefixtures("docker")
def test_a_child_answers_prints_and_keeps_its_names() -> None:
    with sandbox() as place:
        assert place.level == "docker"
        with place.child() as child:
            assert child.call("exec", {"source": "x = 1; print('hi')"}).printed == "hi\n"
            assert child.call("exec", {"source": "y = x + 1"}).payload == {"x": 1, "y": 2}
        with place.child() as child:
            assert child.call("exec", {"source": "z = 1"}).payload == {"z": 1}


@pytest.mark.usefixtures("docker")
@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("while True: pass", TimedOut),
        ("while True: print('x' * 1000)", TooMuchOutput),
        ("import os; os._exit(3)", Died),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", Died),
        ("import os; os._exit(137)", OutOfMemory),
    ],
)
def test_what_ends_badly_is_told_and_the_next_one_is_served(source: str, error: type[Exception]) -> None:
    with sandbox() as place:
        if error is TimedOut:
            place.limits = replace(LIMITS, wall=2.0)
        with place.child() as child, pytest.raises(error):
            child.call("exec", {"source": source})
        place.limits = LIMITS
        with place.child() as child:
            assert child.call("exec", {"source": "z = 1"}).payload == {"z": 1}


@pytest.mark.usefixtures("docker")
def test_an_image_that_is_not_there_is_named_in_one_line() -> None:
    with pytest.raises(Unavailable, match="No such image: other; `docker pull other` gets it"):
        sandbox("other")


def test_no_docker_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="there is no `docker` on this machine"):
        sandbox()
