"""Write one file without end."""

# ends: answer


def attack(world, won):
    total = 0
    try:
        with open("/w/long", "wb", buffering=0) as file:
            while total < 1 << 30:
                total += file.write(b"x" * (1 << 20))
    except OSError:
        pass
    if total > 64 << 20:
        won.append(f"{total} bytes in one file")
