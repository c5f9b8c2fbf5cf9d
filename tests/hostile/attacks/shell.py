"""Run programs: a shell, and a fresh interpreter that reads and writes where this one may not."""

# ends: answer

import subprocess
import sys

CODE = """
import os, sys
for path in sys.argv[1:]:
    try:
        print(open(path).read())
    except OSError:
        pass
"""


def attack(world, won):
    secret = f"{world['folder']}/secret"
    for command in (
        ["/bin/sh", "-c", f"cat {secret} /etc/passwd"],
        [sys.executable, "-c", CODE, secret, "/etc/passwd"],
    ):
        try:
            done = subprocess.run(command, capture_output=True)
        except OSError:
            continue
        if done.stdout.strip():
            won.append(f"{command[0]} read something")
