"""Search its own memory for what the zygote was told and should have forgotten."""

# ends: answer

import re

TOKEN = re.compile(rb"toke[n]-51c0de")


def attack(world, won):
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in maps:
            start, end = (int(address, 16) for address in line.split()[0].split("-"))
            if "rw" in line.split()[1] and end - start < 64 << 20:
                memory.seek(start)
                if TOKEN.search(memory.read(end - start) or b""):
                    won.append(line.strip())
