"""The grammar of info strings, as a table."""

import pytest

from lintml.documents.info import parse_info


@pytest.mark.parametrize(
    ("text", "language", "words", "attributes"),
    [
        ("python", "python", (), ()),
        ("  Python  ", "python", (), ()),
        ("py3", "py3", (), ()),
        ('python title="a b.py" linenums=1', "python", (), (("title", "a b.py"), ("linenums", "1"))),
        ("python,ignore", "python", ("ignore",), ()),
        ("python, notest", "python", ("notest",), ()),
        ("python out", "python", ("out",), ()),
        ("python:net.py", "python", (":net.py",), ()),
        ("python{1,3-5}", "python", ("1", "3-5"), ()),
        ("python {.line-numbers}", "python", ("line-numbers",), ()),
        ("{.python .input  n=7}", "python", ("input",), (("n", "7"),)),
        ("{#here .Python}", "python", (), ()),
        ("{python}", "python", (), ()),
        ("{{python}}", "python", (), ()),
        ("{python, eval=FALSE}", "python", (), (("eval", "FALSE"),)),
        ("{python net, echo=FALSE}", "python", ("net",), (("echo", "FALSE"),)),
        ("{code-cell} ipython3", "ipython3", (), ()),
        ("{code-cell}", "python", (), ()),
        ("{code-block} python", "python", (), ()),
        ("{code-block}", "", (), ()),
        ("{doctest}", "doctest", (), ()),
        ("pycon", "pycon", (), ()),
        ("bash", "bash", (), ()),
        ("pythonic", "pythonic", (), ()),
        ("", "", (), ()),
        ("{", "", (), ()),
        ("{}", "", (), ()),
        ("{r}", "r", (), ()),
        ("{=html}", "", ("html",), ()),
    ],
)
def test_what_an_info_string_says(text, language, words, attributes):
    info = parse_info(text)
    assert (info.language, info.words, info.attributes) == (language, words, attributes)


@pytest.mark.parametrize("text", ["python", "PY", "python3 x", "{python}", "ipython", "pycon", "PyTorch", "pyi"])
def test_python(text):
    assert parse_info(text).python


@pytest.mark.parametrize("text", ["", "bash", "text", "pythonic", "r", "console", "{note}", "{code-block} c", "diff"])
def test_not_python(text):
    assert not parse_info(text).python


@pytest.mark.parametrize("text", ["python out", "py output", "python trace", "python,Traceback"])
def test_output(text):
    assert parse_info(text).output


@pytest.mark.parametrize("text", ["python", "python outer", 'python title="out"'])
def test_not_output(text):
    assert not parse_info(text).output


@pytest.mark.parametrize(
    ("text", "argument"), [("{note}", ""), ("{tab-item} PyTorch", "PyTorch"), ("{admonition} Mind this", "Mind this")]
)
def test_directives_that_hold_markdown(text, argument):
    info = parse_info(text)
    assert info.container
    assert info.argument == argument
