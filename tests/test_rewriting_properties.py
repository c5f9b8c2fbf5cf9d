"""Whatever the layout: the tree of the result is the tree that the change means, and every comment survives."""

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Callable, Sequence
from copy import deepcopy

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_rewriting import edits_of, snippet_of

from lintml.model import (
    AddDecorator,
    AddImport,
    AddParameter,
    Change,
    Edit,
    Insert,
    Remove,
    RemoveArgument,
    Rename,
    Replace,
    SetArgument,
    SetBases,
    Span,
)
from lintml.rewriting import apply

quick = settings(derandomize=True, deadline=None, max_examples=100)

Draw = Callable[[st.SearchStrategy[str]], str]

NAMES = st.sampled_from(["x", "损失", "ключ", "_a1", "é", "self"])
ATOMS = st.one_of(NAMES, st.sampled_from(["1", "2.5", "None", "'日本'", "\"a\" 'b'", "b'x'", "...", "'''a\n  # b'''"]))
BINARY = st.sampled_from(["+", "-", "*", "@", "//", "**", "|", "&", "<<", "<", "==", "in", "is not", "and", "or"])
SPACE = st.sampled_from(["", "", " ", "  "])
# White space as it may stand within brackets.
GAP = st.sampled_from(["", "", "", " ", " ", "\n", "\n  ", "  # why: ж\n", " # a, (b\n\t"])


@st.composite
def expressions(draw: Draw, depth: int = 3) -> str:
    """An expression as it may stand within brackets, over several lines, with parentheses here and there."""
    if depth == 0:
        return draw(ATOMS)
    inner = expressions(depth - 1)
    gap, word = (lambda: draw(GAP)), (lambda: draw(GAP) or " ")
    kind = draw(st.sampled_from("atom binary unary not call attribute item if lambda list tuple dict comp gen".split()))
    match kind:
        case "binary":
            return f"{draw(inner)}{word()}{draw(BINARY)}{word()}{draw(inner)}"
        case "unary":
            return f"{draw(st.sampled_from('+-~'))}{gap()}{draw(inner)}"
        case "not":
            return f"not{word()}{draw(inner)}"
        case "call":
            return f"{_primary(draw, inner)}{draw(SPACE)}{draw(calls(inner))}"
        case "attribute":
            return f"{_primary(draw, inner)}{gap()}.{gap()}{draw(NAMES)}"
        case "item":
            index = draw(st.one_of(inner, st.sampled_from(["1:2", ":", "0, ...", "x,", "1:2, é"])))
            return f"{_primary(draw, inner)}[{gap()}{index}{gap()}]"
        case "if":
            return f"{draw(inner)}{word()}if{word()}{draw(inner)}{word()}else{word()}{draw(inner)}"
        case "lambda":
            return f"(lambda x, *é: {draw(inner)})"
        case "list":
            return f"[{gap()}{draw(inner)}{gap()},{gap()}{draw(inner)}{gap()}]"
        case "tuple":
            return f"({gap()}{draw(inner)},{gap()}{draw(inner)}{gap()})"
        case "dict":
            return f"{{{gap()}{draw(inner)}:{gap()}{draw(inner)}{gap()}}}"
        case "comp":
            return f"[{draw(inner)} for x in {draw(inner)}{word()}if {draw(inner)}]"
        case "gen":
            return f"({gap()}{draw(inner)} for é in{word()}{draw(inner)})"
        case _:
            return f"({gap()}{draw(inner)}{gap()})"


@st.composite
def calls(draw: Draw, inner: st.SearchStrategy[str]) -> str:
    """The brackets of a call and what is in them."""
    positional = [draw(inner) for _ in range(draw(st.integers(0, 2)))]
    keywords = [
        f"{name}{space}={space}{draw(inner)}"
        for name in ("lr", "р")
        if (space := draw(st.sampled_from(["", " ", None]))) is not None
    ]
    stars = [draw(st.sampled_from(["*x", "*(é)"]))] if draw(st.booleans()) else []
    rest = [draw(st.sampled_from(["**x", "**{'a': 1}"]))] if draw(st.booleans()) else []
    return f"({draw(comma_lists([*positional, *stars, *keywords, *rest]))})"


@st.composite
def comma_lists(draw: Draw, items: Sequence[str]) -> str:
    """The items with commas between them, in one of the layouts that people use, or in none."""
    indent = draw(st.sampled_from(["    ", "\t", "  "]))
    layout = draw(st.sampled_from(["line", "lines", "aligned", "any"]))
    comment = draw(st.sampled_from(["", "", "  # one", "  # ы, (two"]))
    last = draw(st.sampled_from(["", ","])) if items else ""
    match layout:
        case "line":
            return ", ".join(items) + last
        case "lines":
            return "".join(f"\n{indent}{item},{comment}" for item in items[:-1]) + (
                f"\n{indent}{items[-1]}{last}{comment}\n" if items else f"{comment}\n"
            )
        case "aligned":
            return f",{comment}\n{indent}".join(items) + last
        case _:
            return draw(GAP) + ",".join(f"{draw(GAP)}{item}{draw(GAP)}" for item in items) + last + draw(GAP)


def _primary(draw: Draw, inner: st.SearchStrategy[str]) -> str:
    return draw(st.one_of(NAMES, st.builds("({})".format, inner)))


def parse(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError:
        assume(False)
        raise


def comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def carried_out(text: str, make: Callable[[ast.Module], Sequence[Change]]) -> tuple[str, tuple[Edit, ...]]:
    """The text after the changes that ``make`` gives for its tree, and the edits."""
    snippet = snippet_of(text)
    assert snippet.tree is not None
    edits = edits_of(snippet, *make(snippet.tree))
    result = apply(text, edits)
    if edits:
        first, last = min(e.span.start for e in edits), max(e.span.end for e in edits)
        assert result.startswith(text[:first])
        assert result.endswith(text[last:])
    return result, edits


def same(one: ast.AST, other: ast.AST) -> bool:
    return ast.dump(one) == ast.dump(other)


class Swap(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


@quick
@given(expressions(), expressions(2), st.data())
def test_a_replaced_expression_is_the_one_in_the_tree(old: str, new: str, data: st.DataObject) -> None:
    text = f"é = (\n{old}\n)\n"
    tree, value = parse(text), parse(f"(\n{new}\n)").body[0]
    assert isinstance(value, ast.Expr)
    nodes = [node for node in ast.walk(tree) if _is_replaceable(node)]
    index = data.draw(st.integers(0, len(nodes) - 1))

    def make(own: ast.Module) -> list[Change]:
        node = [node for node in ast.walk(own) if _is_replaceable(node)][index]
        return [Replace(node, new)]

    result, _ = carried_out(text, make)
    assert same(ast.parse(result), Swap(nodes[index], value.value).visit(tree))
    inside = ast.get_source_segment(text, nodes[index]) or ""
    kept = comments(text) - comments(f"(\n{inside}\n)")
    assert kept <= comments(result)


def _is_replaceable(node: ast.AST) -> bool:
    loaded = isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
    return isinstance(node, ast.expr) and loaded and not isinstance(node, ast.Starred | ast.Slice)


@quick
@given(expressions(), st.data())
def test_a_renamed_identifier_is_the_one_in_the_tree(text: str, data: st.DataObject) -> None:
    text = f"é = (\n{text}\n)\n"
    tree = parse(text)
    kinds = ast.Name | ast.Attribute | ast.keyword | ast.arg
    nodes = [node for node in ast.walk(tree) if isinstance(node, kinds) and getattr(node, "arg", "") is not None]
    index = data.draw(st.integers(0, len(nodes) - 1))

    def make(own: ast.Module) -> list[Change]:
        here = [node for node in ast.walk(own) if isinstance(node, kinds) and getattr(node, "arg", "") is not None]
        return [Rename(here[index], "new")]

    result, _ = carried_out(text, make)
    for field in ("id", "attr", "arg"):
        if hasattr(nodes[index], field):
            setattr(nodes[index], field, "new")
    assert same(ast.parse(result), tree)
    assert comments(result) == comments(text)


@quick
@given(calls(expressions(1)), expressions(1), st.booleans(), st.data())
def test_the_arguments_of_a_call_are_those_in_the_tree(
    brackets: str, value: str, swap: bool, data: st.DataObject
) -> None:
    text = f"if x:\n\té = x.f {brackets}  # end\n"
    tree, new = parse(text), parse(f"(\n{value}\n)").body[0]
    assert isinstance(new, ast.Expr)
    call = _outer_call(tree)
    starred = any(isinstance(argument, ast.Starred) for argument in call.args)
    names = [keyword.arg for keyword in call.keywords]
    gone = data.draw(st.sampled_from([None, *(n for n in names if n), *range(0 if starred else len(call.args))]))
    setting = data.draw(
        st.sampled_from(["new", *(n for n in names if n), *range(0 if starred else len(call.args) + 1)])
    )
    assume(gone != setting and (swap or gone is None))

    def make(own: ast.Module) -> list[Change]:
        node, changes = _outer_call(own), list[Change]()
        if gone is not None:
            changes.append(RemoveArgument(node, *((gone, None) if isinstance(gone, str) else (None, gone))))
        changes.append(SetArgument(node, value, *((setting, None) if isinstance(setting, str) else (None, setting))))
        return changes

    result, _ = carried_out(text, make)
    _set(call, setting, new.value, gone)
    assert same(ast.parse(result), tree)
    if gone is None and setting == "new":
        assert comments(text) + comments(f"(\n{value}\n)") == comments(result)


def _outer_call(tree: ast.Module) -> ast.Call:
    match tree.body:
        case [ast.If(body=[ast.Assign(value=ast.Call() as call)])]:
            return call
    raise LookupError


def _set(call: ast.Call, setting: str | int, value: ast.expr, gone: str | int | None) -> None:
    """What ``SetArgument`` and ``RemoveArgument`` mean, on the tree."""
    if isinstance(setting, int):
        call.args[setting : setting + 1] = [value]
    elif found := [keyword for keyword in call.keywords if keyword.arg == setting]:
        found[0].value = value
    else:
        stars = [keyword for keyword in call.keywords if keyword.arg is None]
        call.keywords = [*(k for k in call.keywords if k.arg), ast.keyword(setting, value), *stars]
    if isinstance(gone, int):
        del call.args[gone]
    elif gone is not None:
        call.keywords = [keyword for keyword in call.keywords if keyword.arg != gone]


@st.composite
def signatures(draw: Draw) -> str:
    """What stands between the brackets of a function's header."""
    annotated = st.sampled_from(["", ": int", " : 'é'"])
    ordinary = [f"p{n}{draw(annotated)}" for n in range(draw(st.integers(0, 2)))]
    optional = [f"q{n}{draw(annotated)}{draw(SPACE)}={draw(SPACE)}(1, 2)" for n in range(draw(st.integers(0, 2)))]
    items = [*ordinary, *optional]
    if items and draw(st.booleans()):
        items.insert(draw(st.integers(1, len(items))), "/")
    keyword_only = ["ж", "o=1"][: draw(st.integers(0, 2))]
    if draw(st.booleans()) or keyword_only:
        items.append(draw(st.sampled_from(["*args", "*"] if keyword_only else ["*args"])))
    items += keyword_only
    if draw(st.booleans()):
        items.append("**rest")
    return draw(comma_lists(items))


@quick
@given(signatures(), st.sampled_from(["k=0", "k", "k: int = 1, ", "k: 'ю'"]))
def test_a_parameter_is_the_one_in_the_tree(signature: str, parameter: str) -> None:
    parameter = parameter.rstrip(", ")
    text = f"class A:\n  @d\n  def f({signature}) -> int: return 1  # end\n"
    tree = parse(text)

    def make(own: ast.Module) -> list[Change]:
        return [AddParameter(_function(own), parameter)]

    result, _ = carried_out(text, make)
    expected, made = _function(tree).args, _function(ast.parse(f"class A:\n  def f({parameter}): pass")).args
    if made.defaults:
        expected.args.append(made.args[0])
        expected.defaults.append(made.defaults[0])
    else:
        index = len(expected.posonlyargs) + len(expected.args) - len(expected.defaults)
        among = expected.posonlyargs if index < len(expected.posonlyargs) else expected.args
        among.insert(index if among is expected.posonlyargs else index - len(expected.posonlyargs), made.args[0])
    assert same(ast.parse(result), tree)
    assert comments(result) == comments(text)


def _function(tree: ast.Module) -> ast.FunctionDef:
    return next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@quick
@given(st.data())
def test_the_bases_of_a_class_are_those_in_the_tree(data: st.DataObject) -> None:
    old = data.draw(st.lists(st.sampled_from(["A", "nn.Module", "(é)", "f(1, 2)"]), max_size=3))
    new = data.draw(st.lists(st.sampled_from(["B", "nn.Module", "g(1)"]), max_size=3))
    keywords = data.draw(st.lists(st.sampled_from(["metaclass=M", "p=1"]), max_size=2, unique=True))
    text = f"if x:\n\tclass 类({data.draw(comma_lists([*old, *keywords]))}): x = 1; y = 2  # end\n"
    tree = parse(text)

    def make(own: ast.Module) -> list[Change]:
        return [SetBases(_class(own), tuple(new))]

    result, _ = carried_out(text, make)
    _class(tree).bases = [ast.parse(base, mode="eval").body for base in new]
    assert same(ast.parse(result), tree)


def _class(tree: ast.Module) -> ast.ClassDef:
    return next(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


@st.composite
def blocks(draw: Draw, indent: str, unit: str, depth: int) -> str:
    """Statements at ``indent`` in every arrangement: own lines, semicolons, one-line suites, decorators, comments."""
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        lines += draw(st.sampled_from([[], [], [""], ["", ""], [f"{indent}# ы"], [f"{indent}{unit}# deep"]]))
        lines.append(draw(_statements(indent, unit, depth)))
    return "\n".join(lines)


@st.composite
def _statements(draw: Draw, indent: str, unit: str, depth: int) -> str:
    simple = draw(
        st.lists(st.sampled_from(["x = 1", "f(x)", "é = 'ж'", "pass", "y = [\n1,\n  # in\n]"]), min_size=1, max_size=3)
    )
    line = "; ".join(simple) + draw(st.sampled_from(["", "", ";", "  # one", ";  # two"]))
    kind = draw(st.sampled_from(["line", "line", "suite", "if", "def", "class", "try"])) if depth else "line"
    inner = blocks(indent + unit, unit, depth - 1)
    match kind:
        case "suite":
            return f"{indent}{draw(st.sampled_from(['if x:', 'class A:', 'while (', 'def f(a,']))} {line}".replace(
                "while (", "while (\n  x):"
            ).replace("def f(a,", "def f(a,\n      b):")
        case "if":
            more = draw(st.sampled_from(["", f"\n{indent}else:\n{draw(inner)}", f"\n{indent}elif y: {line}"]))
            return f"{indent}if x:\n{draw(inner)}{more}"
        case "def":
            above = draw(st.sampled_from(["", f"{indent}@d\n", f"{indent}@d(1)\n{indent}# on f\n"]))
            return f"{above}{indent}def f(a):\n{draw(inner)}"
        case "class":
            return f"{indent}class A:\n{draw(inner)}"
        case "try":
            return f"{indent}try:\n{draw(inner)}\n{indent}except E:  # caught\n{draw(inner)}"
    return f"{indent}{line}"


modules = st.builds(
    lambda text, end: text + end,
    st.sampled_from(["  ", "    ", "\t"]).flatmap(lambda unit: blocks("", unit, 2)),
    st.sampled_from(["", "\n", "\n\n"]),
)
NEW = st.sampled_from(
    [
        "new()",
        "a = 1\nb = 2",
        "for v in q:\n    v()",
        "def g():\n    '''a\n  b'''\n    return 1",
        "if a: b",
        "c = 1  # new",
    ]
)


def statements(tree: ast.Module) -> list[tuple[list[ast.stmt], ast.stmt]]:
    """Every statement with the block that it is in, but for those that begin with ``elif``."""
    found = []
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            is_elif = name == "orelse" and isinstance(node, ast.If) and len(block) == 1 and isinstance(block[0], ast.If)
            if isinstance(block, list) and not is_elif:
                found += [(block, statement) for statement in block]
    return found


@quick
@given(modules, NEW, st.booleans(), st.data())
def test_inserted_statements_are_those_in_the_tree(text: str, new: str, after: bool, data: st.DataObject) -> None:
    tree = parse(text)
    index = data.draw(st.integers(0, len(statements(tree)) - 1))
    result, _ = carried_out(text, lambda own: [Insert(statements(own)[index][1], new, after)])
    block, statement = statements(tree)[index]
    at = block.index(statement) + after
    block[at:at] = ast.parse(new).body
    assert same(ast.parse(result), tree)
    assert comments(result) == comments(text) + comments(new)


@quick
@given(modules, NEW, st.data())
def test_statements_that_replace_one_are_those_in_the_tree(text: str, new: str, data: st.DataObject) -> None:
    tree = parse(text)
    index = data.draw(st.integers(0, len(statements(tree)) - 1))
    result, _ = carried_out(text, lambda own: [Replace(statements(own)[index][1], new)])
    block, statement = statements(tree)[index]
    at = block.index(statement)
    block[at : at + 1] = ast.parse(new).body
    assert same(ast.parse(result), tree)


@quick
@given(modules, st.data())
def test_removed_statements_are_gone_from_the_tree(text: str, data: st.DataObject) -> None:
    tree = parse(text)
    indices = data.draw(st.sets(st.integers(0, len(statements(tree)) - 1), min_size=1, max_size=3))
    chosen = [statements(tree)[index] for index in sorted(indices)]
    nested = {id(node) for _, statement in chosen for node in ast.walk(statement) if node is not statement}
    assume(not any(id(statement) in nested for _, statement in chosen))
    result, _ = carried_out(text, lambda own: [Remove(statements(own)[index][1]) for index in sorted(indices)])
    for block, statement in chosen:
        block.remove(statement)
        if not block and block is not tree.body:
            block.append(ast.Pass())
    assert same(ast.parse(result), tree)


@quick
@given(modules, st.data())
def test_a_decorator_is_the_last_in_the_tree(text: str, data: st.DataObject) -> None:
    tree = parse(text)
    kinds = ast.FunctionDef | ast.ClassDef
    nodes = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    assume(nodes)
    index = data.draw(st.integers(0, len(nodes) - 1))

    def make(own: ast.Module) -> list[Change]:
        return [AddDecorator([node for node in ast.walk(own) if isinstance(node, kinds)][index], "new(1)")]

    result, _ = carried_out(text, make)
    nodes[index].decorator_list.append(ast.parse("new(1)", mode="eval").body)
    assert same(ast.parse(result), tree)
    assert comments(result) == comments(text)


HEAD = st.lists(
    st.sampled_from(
        [
            "import a",
            "import a.b as c",
            "from a import d",
            "import b",
            "import math",
            "",
            "# note",
            "x = 1",
            "import b; y = 2",
        ]
    ),
    max_size=6,
)
IMPORTS = st.lists(
    st.sampled_from(["import a", "import a.b as c", "import a.c", "from a import d", "from b import e", "import re"]),
    min_size=1,
    max_size=3,
)


@quick
@given(HEAD, modules, IMPORTS)
def test_imports_give_their_names_and_move_nothing(head: list[str], body: str, wanted: list[str]) -> None:
    text = "\n".join([*head, body])
    tree = parse(text)
    result, _ = carried_out(text, lambda own: [AddImport(own.body[-1], statement) for statement in wanted])
    after = ast.parse(result)
    old = [ast.dump(statement) for statement in tree.body]
    assert _is_subsequence(old, [ast.dump(statement) for statement in after.body])
    assert len(after.body) - len(old) <= len(set(wanted))
    before_last = Counter(ast.unparse(statement) for statement in after.body[:-1])
    equal = {"import a": ("import a", "import a.b", "import a.c")}
    for statement in wanted:
        assert any(before_last[other] for other in equal.get(statement, (statement,)))
    assert comments(result) == comments(text)
    again, edits = carried_out(result, lambda own: [AddImport(own.body[-1], statement) for statement in wanted])
    assert (again, edits) == (result, ())


def _is_subsequence(some: Sequence[str], all_: Sequence[str]) -> bool:
    rest = iter(all_)
    return all(item in rest for item in some)


@quick
@given(st.text("aé\n", max_size=12), st.data())
def test_edits_that_do_not_overlap_are_made_in_any_order(text: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=8).map(sorted))
    pairs = zip(places[::2], places[1::2], strict=False)
    spans = [span for span in dict.fromkeys(pairs) if span[0] < span[1]]
    edits = [Edit(0, Span(*span), data.draw(st.text("xy", max_size=2))) for span in spans]
    expected = text
    for edit in reversed(edits):
        expected = expected[: edit.span.start] + edit.text + expected[edit.span.end :]
    assert apply(text, data.draw(st.permutations(edits))) == expected
    assert deepcopy(edits) == edits
