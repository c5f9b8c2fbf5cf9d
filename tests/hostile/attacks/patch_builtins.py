"""Replace what the next document, or a judge in this process, would rely on."""

# ends: answer, RuntimeError

import builtins
import os
import sys
import types


def attack(world, won):
    builtins.sum = builtins.sorted = lambda *values: 0
    builtins.planted = sys.modules["planted"] = types.ModuleType("planted")
    os.environ["PLANTED"] = "1"
