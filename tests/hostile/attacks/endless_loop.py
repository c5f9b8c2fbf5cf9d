"""Loop without end, with every exception caught."""

# ends: TimedOut


def attack(world, won):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
