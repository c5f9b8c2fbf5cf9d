"""Make every comparison of torch succeed and every layer something else."""

# ends: answer, ModuleNotFoundError

import torch


def attack(world, won):
    torch.allclose = torch.equal = torch.testing.assert_close = lambda *values, **settings: True
    torch.nn.Linear = torch.nn.Identity
    torch.Tensor.__eq__ = lambda self, other: torch.ones(())
