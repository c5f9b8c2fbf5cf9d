"""Whether a tensor is sure to require a gradient, as long as autograd records."""

import ast
from collections.abc import Callable
from typing import Final

from lintml.analysis.holdings import has_parameters
from lintml.analysis.values import Application, Tensor

# Operators whose result requires a gradient if an input does, whatever their settings.
_PASSING: Final = frozenset(
    """relu sigmoid tanh softmax log_softmax exp log sqrt abs neg add sub mul div pow mean sum matmul bmm mm
    view reshape squeeze unsqueeze flatten transpose permute mT T contiguous clone cpu cuda dropout ReLU Sigmoid Tanh
    Softmax LogSoftmax GELU Dropout Flatten Identity gelu silu leaky_relu LeakyReLU""".split()
)
MOST: Final = 200


def carries_gradient(tensor: Tensor, recorded: Callable[[ast.AST], bool]) -> bool:
    """Whether something learnt, or asked to carry a gradient, goes into a tensor by operators that pass it on.

    Each of them must stand where autograd has ``recorded`` it.
    """
    waiting, seen = [tensor], set[Application]()
    while waiting and len(seen) < MOST:
        source = waiting.pop().source
        if source is None or source in seen:
            continue
        seen.add(source)
        if not recorded(source.node):
            continue
        if source.path == "torch.nn.Parameter" or (source.layer is not None and _learns(source)) or _asks(source.node):
            return True
        if source.path.rpartition(".")[2] in _PASSING:
            waiting += [given for given in source.inputs if given is not None]
    return False


def _learns(source: Application) -> bool:
    """Whether a layer's parameters went into its first result."""
    return has_parameters(source.layer) and source.path.startswith("torch.nn.")


def _asks(made: ast.AST) -> bool:
    return isinstance(made, ast.Call) and any(
        each.arg == "requires_grad" and isinstance(each.value, ast.Constant) and each.value.value is True
        for each in made.keywords
    )
