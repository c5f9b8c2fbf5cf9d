"""Changes to a syntax tree become minimal edits of the text it came from; the only room that knows libcst."""

from lintml.rewriting.carry_out import edits
from lintml.rewriting.pieces import RewriteError
from lintml.rewriting.splice import apply, conflict, merged

__all__ = ["RewriteError", "apply", "conflict", "edits", "merged"]
