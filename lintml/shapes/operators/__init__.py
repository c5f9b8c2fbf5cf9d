"""Operators that no line of the notation can say, each a function of one call; a line names it as ``!module.name``."""
