"""Block every signal, then stop."""

# ends: TimedOut

import os
import signal


def attack(world, won):
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    os.kill(os.getpid(), signal.SIGSTOP)
