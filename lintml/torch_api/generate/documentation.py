"""The docstrings that torch attaches to compiled functions from Python."""

import ast
from functools import cached_property

from lintml.torch_api.generate.definitions import raw_text
from lintml.torch_api.generate.namespaces import Library
from lintml.torch_api.generate.signatures import last_name

FILES = {"_torch_docs": "", "_tensor_docs": "Tensor"}


class Documentation:
    """``add_docstr(torch.name, …)`` and ``add_docstr_all("name", …)`` calls, by path."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def text(self, path: str) -> str:
        return self.found.get(path, "")

    @cached_property
    def found(self) -> dict[str, str]:
        texts: dict[str, str] = {}
        root = self.library.source.name
        for file, owner in FILES.items():
            source = self.library.source.modules.get(f"{root}.{file}")
            for node in self.library.source.tree(source).body if source else ():
                match node:
                    case ast.Expr(ast.Call(function, [ast.Constant(str(name)), doc])) if (
                        last_name(function) == "add_docstr_all"
                    ):
                        texts[f"{root}.{owner}.{name}"] = raw_text(doc)
                    case ast.Expr(ast.Call(function, [target, doc])) if last_name(function) == "add_docstr":
                        texts[ast.unparse(target)] = raw_text(doc)
        return texts
