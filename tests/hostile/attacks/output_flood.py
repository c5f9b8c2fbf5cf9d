"""Print without end."""

# ends: TooMuchOutput, TimedOut


def attack(world, won):
    while True:
        print("x" * 10_000)
