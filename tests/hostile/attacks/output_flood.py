"""Print without end."""

# ends: TooMuchOutput


def attack(world, won):
    while True:
        print("x" * 10_000)
