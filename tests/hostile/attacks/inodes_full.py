"""Use up the file system's inodes."""

# ends: answer, TimedOut


def attack(world, won):
    try:
        for number in range(100_000):
            open(f"/w/{number}", "w").close()
        won.append("a hundred thousand files")
    except OSError:
        pass
