"""What a definition says of itself: its signatures, the error it always raises, the warning it always gives."""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator, Sequence

from lintml.torch_api.generate import signatures
from lintml.torch_api.generate.bindings import Binding, Function, is_overload
from lintml.torch_api.generate.namespaces import Library

WARNERS = ("warn", "warn_once", "warning_once")
GONE = re.compile(r"deprecated|renamed|removed|no longer supported")


def of_functions(nodes: Iterable[ast.AST], *, bound: bool) -> tuple[str, ...]:
    """The signatures of a function: its own, or those of its overloads where it is only declared.

    One that is dispatched by type is one of several, and they may take anything. ``bound`` drops the first parameter,
    except of static methods.
    """
    functions = [n for n in nodes if isinstance(n, Function)]
    own = [f for f in functions if not is_overload(f)][-1:] or functions
    if any(decorated(f, "dispatch") for f in own):
        return ("(*args, **kwargs)",)
    drop = bound and not any(decorated(f, "staticmethod") for f in functions)
    return tuple(dict.fromkeys(signatures.of_function(f, bound=drop) for f in own))


def of_constructor(functions: Sequence[Function]) -> tuple[str, ...]:
    """Those of ``__init__`` or ``__new__``: its overloads too where it takes just anything and passes it on."""
    own = [f for f in functions if not is_overload(f)][-1:]
    if not own or takes_anything(own[0]):
        own = [f for f in functions if not takes_anything(f)] or own
    return tuple(dict.fromkeys(signatures.of_function(f, bound=True) for f in own))


def takes_anything(node: Function) -> bool:
    """Whether a function is just ``(*args, **kwargs)``, after ``self``."""
    return bool(node.args.vararg and node.args.kwarg and len(node.args.args) <= 1 and not node.args.kwonlyargs)


def decorated(node: Function | ast.ClassDef, *names: str) -> bool:
    return any(decorator_name(d) in names for d in node.decorator_list)


def decorator_name(node: ast.expr) -> str:
    return signatures.last_name(node.func if isinstance(node, ast.Call) else node)


def raised(library: Library, binding: Binding) -> str:
    """The message of a function that can only raise, followed through a forwarding ``return``; empty for any other."""
    for node in binding.nodes:
        if isinstance(node, Function) and not is_overload(node):
            return always_raises(library, node, binding.module)
    return ""


def always_raises(library: Library, node: Function, module: str) -> str:
    body = [s for s in node.body if not is_docstring(s)]
    imports = {a.asname or a.name: s for s in body if isinstance(s, ast.ImportFrom) for a in s.names}
    body = [s for s in body if not isinstance(s, ast.Import | ast.ImportFrom | ast.Assign)]
    match body:
        case [ast.Raise(ast.Call(error, [message, *_]))] if signatures.last_name(error) != "NotImplementedError":
            return sentence(message)
        case [ast.Return(ast.Call(ast.Name(name)))] if name in imports:
            statement = imports[name]
            package = module if library.source.is_package(module) else module.rpartition(".")[0]
            base = statement.module or ""
            if statement.level:
                base = f"{package}.{base}".rstrip(".")
            target = library.resolve(f"{base}.{name}")
            return raised(library, target) if target else ""
    return ""


def deprecation(node: ast.AST, name: str) -> str:
    """Why a function or class is deprecated as a whole: its decorator, its unconditional warning, or its docstring."""
    if not isinstance(node, Function | ast.ClassDef):
        return ""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and decorator_name(decorator) in ("deprecated", "_deprecated"):
            return next((text for a in decorator.args if (text := sentence(a))), "deprecated")
    if isinstance(node, ast.ClassDef):
        init = [s for s in node.body if isinstance(s, Function) and s.name in ("__init__", "__new__")]
        found = next((text for s in init if (text := deprecation(s, s.name))), "")
    else:
        found = next(warned(node.body), "")
    return found or documented(ast.get_docstring(node) or "", name)


def warned(body: list[ast.stmt]) -> Iterator[str]:
    """Deprecation warnings among the statements that always run."""
    for statement in body:
        match statement:
            case ast.Expr(ast.Call(warner, [message, *_])) if signatures.last_name(warner) in WARNERS:
                text = sentence(message)
                if GONE.search(text):
                    yield text
            case ast.Return() | ast.Raise():
                return


def documented(doc: str, name: str) -> str:
    """A ``.. deprecated::`` note, or a warning that begins by saying that this very name is deprecated."""
    lines = inspect.cleandoc(doc).splitlines()
    for i, line in enumerate(lines):
        note = re.match(r"\.\. (deprecated|warning)::\s*(.*)", line)
        if note is None:
            continue
        text = " ".join([note[2], *paragraph(lines[i + 1 :], bool(note[2]))]).strip()
        subject = rf"(This (function|method|class|API|module)|[:`\w~.]*\b{re.escape(name)}\b[`()]*)"
        if note[1] == "deprecated" or re.match(rf"{subject} (is|has been) (now )?deprecated", text):
            return shorten(re.sub(r"^\d+(\.\d+)*:?\s*", "", text)) or "deprecated"
    return ""


def paragraph(lines: list[str], begun: bool) -> Iterator[str]:
    """The indented lines up to the next empty one, which may stand first where nothing has been said yet."""
    for line in lines:
        if line.strip() and not line.startswith(" "):
            return
        if not line.strip() and begun:
            return
        begun |= bool(line.strip())
        yield line.strip()


def sentence(node: ast.expr) -> str:
    """The text of a message; the parts that are only known at run time become an ellipsis."""
    match node:
        case ast.Constant(str(text)):
            return shorten(text)
        case ast.JoinedStr(values):
            return shorten("".join(str(v.value) if isinstance(v, ast.Constant) else "…" for v in values))
        case ast.BinOp(left, ast.Add() | ast.Mod(), right):
            return shorten(sentence(left) + (" " + sentence(right) if isinstance(node.op, ast.Add) else ""))
        case ast.Call(ast.Attribute(inner, "format")):
            return sentence(inner)
    return ""


def shorten(text: str) -> str:
    """One line, without reStructuredText roles, cut after the sentence that passes 160 characters."""
    text = re.sub(r":\w+(?::\w+)?:`~?([^`]*)`", r"`\1`", " ".join(text.split()))
    end = text.find(". ", 160)
    return text if end < 0 else text[: end + 1]


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def raw_text(node: ast.expr) -> str:
    """The literal text of a docstring, whatever is formatted into it."""
    match node:
        case ast.Constant(str(text)):
            return text
        case ast.Call(ast.Attribute(inner, "format")):
            return raw_text(inner)
        case ast.BinOp(left, _, right):
            return raw_text(left) + raw_text(right)
    return ""


def listed_names(node: ast.expr) -> Iterator[str]:
    """The fields that a call of ``namedtuple`` or ``NamedTuple`` lists, as one string, as strings or as pairs."""
    match node:
        case ast.Constant(str(text)):
            yield from text.replace(",", " ").split()
        case ast.List(elements) | ast.Tuple(elements):
            for element in elements:
                yield from listed_names(element.elts[0] if isinstance(element, ast.Tuple) else element)
