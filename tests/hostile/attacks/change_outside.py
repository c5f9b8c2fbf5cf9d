"""Delete, rename, truncate, chmod and date files elsewhere."""

# ends: answer

import os


def attack(world, won):
    precious = f"{world['folder']}/precious"
    for path in (precious, os.__file__, "/etc/ld.so.cache"):
        for deed in (
            os.unlink,
            lambda path: os.rename(path, path + ".gone"),
            lambda path: os.truncate(path, 0),
            lambda path: os.chmod(path, 0o777),
            lambda path: os.utime(path, (0, 0)),
            lambda path: os.setxattr(path, "user.planted", b"1"),
            lambda path: open(path, "r+").close(),
        ):
            try:
                deed(path)
                won.append(f"changed {path}")
            except OSError:
                pass
