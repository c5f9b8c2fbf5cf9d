"""Ask for a tensor of four hundred gigabytes."""

# ends: RuntimeError, ModuleNotFoundError

import torch


def attack(world, won):
    torch.ones(100 << 30)
