"""Verdicts of pages written in a test, from one judge process that all tests share."""

import atexit
from collections.abc import Mapping
from functools import cache
from textwrap import dedent

from lintml.model import Verdict
from lintml.verify import Block, Contract, Options, Request
from lintml.verify.client import Judge

HEADER = """
import math

import torch
import torch.nn.functional as F
from torch import nn, optim
"""


@cache
def judge() -> Judge:
    """The process; it ends with the tests."""
    process = Judge(Options())
    atexit.register(process.__exit__, None, None, None)
    return process


def page(*snippets: str, header: str = HEADER, contracts: Mapping[str, Contract] | None = None) -> Request:
    """A page of snippets, whose first is ``header`` unless that is empty; rows count on through all."""
    texts = [dedent(text).strip("\n") for text in ((header, *snippets) if header else snippets)]
    blocks, row = [], 1
    for index, text in enumerate(texts):
        blocks.append(Block(text, index, row))
        row += text.count("\n") + 2
    return Request(tuple(blocks), contracts or {})


def verdicts(*snippets: str, header: str = HEADER, contracts: Mapping[str, Contract] | None = None) -> list[Verdict]:
    """The verdicts of a page in order, without that of its header."""
    request = page(*snippets, header=header, contracts=contracts)
    return [verdict for verdict in judge().verify(request) if not header or verdict.snippet > 0]


def verdict(*snippets: str, header: str = HEADER, contracts: Mapping[str, Contract] | None = None) -> Verdict:
    """The last verdict of a page."""
    return verdicts(*snippets, header=header, contracts=contracts)[-1]
