"""The door says the same to type checkers as to a program that runs."""

import ast
from pathlib import Path

import lintml


def test_every_name_of_the_door_leads_somewhere() -> None:
    assert all(getattr(lintml, name) is not None for name in lintml.__all__)


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(lintml.__file__).read_text(encoding="utf8"))
    seen = {
        alias.name
        for node in tree.body
        if isinstance(node, ast.If)
        for each in node.body
        if isinstance(each, ast.ImportFrom)
        for alias in each.names
    }
    assert seen == set(lintml.__all__)
