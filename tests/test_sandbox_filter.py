"""The system call filter, for both instruction sets, run here as the kernel runs it."""

import os
import re
import struct
from pathlib import Path

import pytest

from lintml.verify.sandbox import seccomp

NUMBERS = {
    "x86_64": {"read": 0, "clone": 56, "socket": 41, "kill": 62, "fcntl": 72, "prlimit64": 302, "chmod": 90},
    "aarch64": {"read": 63, "clone": 220, "socket": 198, "kill": 129, "fcntl": 25, "prlimit64": 261, "fchmod": 52},
}
EPERM, ENOSYS, ALLOW, KILL = 0x50001, 0x50026, 0x7FFF0000, 0x80000000
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def filtered(code: bytes, machine: str, number: int, *arguments: int) -> int:
    """What a seccomp filter gives for a system call: classic BPF, run here as the kernel runs it."""
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    call = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, ARCHITECTURE[machine], 0, *(a & (1 << 64) - 1 for a in padded))
    program = list(struct.iter_unpack("HBBI", code))
    accumulator = position = 0
    while True:
        operation, if_true, if_false, operand = program[position]
        position += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("<I", call, operand)
        elif operation == 0x06:
            return operand
        else:
            holds = {0x15: accumulator == operand, 0x25: accumulator > operand, 0x45: bool(accumulator & operand)}
            position += if_true if holds[operation] else if_false


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest) -> str:
    return request.param


def test_every_listed_call_is_refused(machine: str) -> None:
    code = seccomp.program(machine)
    column = ["x86_64", "aarch64"].index(machine)
    for name, numbers in seccomp.DENIED.items():
        if numbers[column] is not None:
            assert filtered(code, machine, numbers[column]) == EPERM, name


def test_ordinary_calls_pass_and_unknown_ones_do_not_exist(machine: str) -> None:
    code, numbers = seccomp.program(machine), NUMBERS[machine]
    assert filtered(code, machine, numbers["read"], 3) == ALLOW
    assert filtered(code, machine, numbers["clone"], 0x1200011) == ALLOW
    assert filtered(code, machine, 435) == ENOSYS
    assert filtered(code, machine, 600) == ENOSYS
    assert filtered(code, machine, 0x40000000 | numbers["read"]) == ENOSYS


def test_arguments_decide(machine: str) -> None:
    code, numbers = seccomp.program(machine), NUMBERS[machine]
    for flag in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        assert filtered(code, machine, numbers["clone"], flag | 17) == EPERM
    assert filtered(code, machine, numbers["prlimit64"], 0, 7) == ALLOW
    assert filtered(code, machine, numbers["prlimit64"], 1, 7) == EPERM
    assert filtered(code, machine, numbers["fcntl"], 3, 1) == ALLOW
    assert filtered(code, machine, numbers["fcntl"], 3, 8) == EPERM
    assert filtered(code, machine, numbers["socket"], 1, 1) == ALLOW
    assert filtered(code, machine, numbers["socket"], 2, 1) == EPERM


def test_among_others_only_itself_can_be_signalled(machine: str) -> None:
    code, numbers = seccomp.program(machine, among_others=77), NUMBERS[machine]
    assert filtered(code, machine, numbers["kill"], 77, 9) == ALLOW
    for pid in (1, -1, 0, 78):
        assert filtered(code, machine, numbers["kill"], pid, 9) == EPERM
    assert filtered(code, machine, numbers["socket"], 1, 1) == EPERM
    assert filtered(code, machine, numbers.get("chmod", numbers.get("fchmod", 0))) == EPERM
    alone = seccomp.program(machine)
    assert filtered(alone, machine, numbers["kill"], 1, 9) == ALLOW


def test_another_instruction_set_is_killed() -> None:
    assert filtered(seccomp.program("x86_64"), "aarch64", 0) == KILL


@pytest.mark.parametrize(
    ("column", "header"),
    [(0, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), (1, "/usr/include/asm-generic/unistd.h")],
)
def test_numbers_are_those_of_the_kernel_headers(column: int, header: str) -> None:
    if not os.path.exists(header):
        pytest.skip(f"no {header}")
    known = dict(re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text(), re.MULTILINE))
    checked = 0
    for name, numbers in {**seccomp.DENIED, **seccomp.METADATA}.items():
        if name in known:
            assert numbers[column] == int(known[name]), name
            checked += 1
    assert checked > 60


def test_a_machine_without_a_table_has_no_filter() -> None:
    assert seccomp.supported("aarch64")
    assert not seccomp.supported("vax")
