"""Raise an exception whose message raises, whose type lies, and whose traceback has no end."""

# ends: Unprintable


class Unprintable(BaseException):
    def __str__(self):
        raise SystemExit("from __str__")

    __repr__ = __str__


def attack(world, won):
    raise Unprintable
