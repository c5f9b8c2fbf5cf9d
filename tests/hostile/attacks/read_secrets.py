"""Read what is nobody else's business: a file, the environment, other processes' arguments."""

# ends: answer

import glob
import os


def attack(world, won):
    secret = world["secret"]
    if any(secret in value for value in os.environ.values()):
        won.append("the environment")
    wanted = [f"{world['folder']}/secret", "/etc/passwd", "/etc/hostname"]
    wanted += glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline")
    for path in [*wanted, f"/proc/{world['bystander']}/cmdline", f"/proc/{world['judge']}/environ"]:
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError:
            continue
        if secret.encode() in content or path.startswith("/etc"):
            won.append(path)
