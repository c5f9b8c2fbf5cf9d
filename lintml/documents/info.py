"""The grammar of info strings: which fences hold Python, and what their further words ask for."""

import re
from dataclasses import dataclass
from functools import lru_cache

PYTHON = frozenset(
    {"python", "py", "python2", "python3", "py2", "py3", "ipython", "ipython2", "ipython3", "pytorch", "torch", "pyi"}
)
PROMPTS = frozenset({"pycon", "pycon3", "python-repl", "python-console", "ipythonconsole", "doctest"})
OUTPUT = frozenset({"out", "output", "outputs", "result", "trace", "traceback", "error", "console-output"})
KEPT_FROM_RUNNING = frozenset(
    {"notest", "no-test", "no_test", "ignore", "skip", "norun", "no-run", "no_run", "noexec", "no-exec", "noeval"}
)

_CODE_DIRECTIVES = frozenset(
    {"code-cell", "code-block", "code", "sourcecode", "code-input", "jupyter-execute", "ipython", "testcode", "doctest"}
)
_DEFAULT_LANGUAGE = {
    "code-cell": "python",
    "jupyter-execute": "python",
    "ipython": "ipython",
    "testcode": "python",
    "doctest": "doctest",
}
_CONTAINERS = frozenset({
    "admonition", "attention", "caution", "danger", "error", "hint", "important", "note", "seealso", "tip",
    "warning", "todo", "versionadded", "versionchanged", "deprecated", "topic", "sidebar", "margin", "details",
    "dropdown", "toggle", "card", "card-item", "grid", "grid-item", "grid-item-card", "tab", "tabs", "tab-set",
    "tab-item", "tabbed", "panels", "container", "div", "exercise", "solution", "example", "proof", "theorem",
    "definition", "lemma", "remark", "question", "answer", "success", "info", "abstract", "summary", "bug", "quote",
    "failure", "epigraph", "only", "aside", "callout", "prf",
})  # fmt: skip
_DOTTED_NAME = re.compile(r"\s*[^\W\d]\w*(?:\.\w+)+\s*")
_BRACED = re.compile(r"\{\s*([^}]*?)\s*\}\s*(.*)", re.DOTALL)
_LANGUAGE = re.compile(r"[^\s,{:;=]+")
_WORD = re.compile(r"""([\w.#-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s,}]+)|([^\s,{}=]+)""")


@dataclass(frozen=True, slots=True, eq=False)
class Info:
    """An info string taken apart; words in lower case.

    ``language`` is empty where none is named; ``directive`` is the name in ``{code-cell} python``. ``container`` says
    that the fence holds more Markdown rather than code, and ``argument`` is then its title.
    """

    text: str = ""
    language: str = ""
    words: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    directive: str = ""
    argument: str = ""
    container: bool = False

    @property
    def python(self) -> bool:
        """Whether the fence is meant as Python, or as something Python printed."""
        return self.language in PYTHON or self.language in PROMPTS

    @property
    def output(self) -> bool:
        """Whether the fence shows what code printed."""
        return not OUTPUT.isdisjoint(self.words)

    @property
    def execute(self) -> str:
        """Empty, or the word that keeps the code from being run."""
        return next((word for word in self.words if word in KEPT_FROM_RUNNING), "") if self.words else ""


@lru_cache(maxsize=256)
def parse_info(text: str) -> Info:
    """Take apart ``python title="x"``, ``python,ignore``, ``{.python .input}`` or ``{code-cell} python``."""
    text = text.strip()
    if text.startswith("{"):
        return _parse_braced(text.replace("{{", "{").replace("}}", "}"))
    found = _LANGUAGE.match(text)
    if not found:
        return Info(text)
    language = found[0].lower()
    words, attributes = _words(text[found.end() :])
    return Info(text, language, tuple(word.removeprefix(".") for word in words), attributes)


def is_reference(text: str) -> bool:
    """Whether what follows three colons names an object, whose docstring mkdocstrings puts there: nothing opens."""
    return _DOTTED_NAME.fullmatch(text) is not None


def _parse_braced(text: str) -> Info:
    found = _BRACED.match(text)
    if not found:
        return Info(text)
    inside, argument = found.groups()
    if inside.startswith((".", "#")) or "=" in inside.split(" ", 1)[0]:
        return _parse_classes(text, inside)
    name = _LANGUAGE.match(inside)
    if not name:
        return Info(text)
    directive = name[0].lower()
    if directive in _CODE_DIRECTIVES:
        language = _LANGUAGE.match(argument)
        words, attributes = _words(argument[language.end() :]) if language else ((), ())
        named = language[0].lower() if language else _DEFAULT_LANGUAGE.get(directive, "")
        return Info(text, named, words, attributes, directive, argument)
    if directive in _CONTAINERS:
        return Info(text, directive=directive, argument=argument, container=True)
    words, attributes = _words(inside[name.end() :])
    return Info(text, directive, words, attributes, argument=argument)


def _parse_classes(text: str, inside: str) -> Info:
    words, attributes = _words(inside)
    classes = [word[1:] for word in words if word.startswith(".")]
    others = tuple(word for word in words if not word.startswith((".", "#")))
    language = classes[0] if classes else ""
    return Info(text, language, (*classes[1:], *others), attributes)


def _words(text: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    words: list[str] = []
    attributes: list[tuple[str, str]] = []
    for key, value, word in _WORD.findall(text):
        if word:
            words.append(word.lower())
        else:
            attributes.append((key.lower(), value.strip("\"'")))
    return tuple(words), tuple(attributes)
