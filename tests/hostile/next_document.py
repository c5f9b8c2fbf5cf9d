"""The harmless document after each attack: it lists whatever is not as a fresh process should find it."""

import builtins
import os
import signal
import sys
import threading


def attack(world, won):
    if sum(range(10)) != 45 or sorted([2, 1]) != [1, 2] or len("abc") != 3:
        won.append("builtins are patched")
    if hasattr(builtins, "planted") or "planted" in sys.modules or "PLANTED" in os.environ:
        won.append("something was planted")
    for folder in ("/w", "/dev/shm"):
        if os.access(folder, os.W_OK) and os.listdir(folder):
            won.append(f"{folder} holds {os.listdir(folder)}")
    if threading.active_count() != 1:
        won.append("threads are running")
    if signal.getitimer(signal.ITIMER_REAL)[0] or signal.pthread_sigmask(signal.SIG_BLOCK, ()):
        won.append("signals are not as they were")
    if os.getpriority(os.PRIO_PROCESS, 0) != world["priority"]:
        won.append("priority has changed")
    if "torch" in sys.modules:
        import torch

        if torch.allclose(torch.ones(2), torch.zeros(2)) or torch.nn.Linear(3, 2)(torch.ones(1, 3)).shape != (1, 2):
            won.append("torch is patched")
