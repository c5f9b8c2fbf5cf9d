"""Set a timer that fires after the answer, in whatever comes next."""

# ends: answer

import signal


def attack(world, won):
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
