"""Lower the resource limits of the zygote, which has the same user."""

# ends: answer

import os
import resource


def attack(world, won):
    for target in {os.getppid(), 1, world["judge"], world["bystander"]}:
        for kind in (resource.RLIMIT_NPROC, resource.RLIMIT_AS, resource.RLIMIT_NOFILE):
            try:
                resource.prlimit(target, kind, (1, 1))
                won.append(f"limited {target}")
            except OSError:
                pass
