"""Every reference has right and wrong versions that it is held to."""

import test_references_attention
import test_references_blocks
import test_references_changes
import test_references_formulas
import test_references_functions
import test_references_layers
import test_references_norms
import test_references_optimizers
import test_references_structures
import test_references_updates
from mutants import Suite

from lintml.verify.references import every

MODULES = (
    test_references_attention,
    test_references_blocks,
    test_references_changes,
    test_references_formulas,
    test_references_functions,
    test_references_layers,
    test_references_norms,
    test_references_optimizers,
    test_references_structures,
    test_references_updates,
)
# Layers of torch that their functions of the same name stand for, and what is too slow in three dimensions.
TWINS = frozenset(
    """AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveMaxPool1d AdaptiveMaxPool2d AvgPool1d AvgPool2d AvgPool3d Conv1d Conv2d
    Conv3d ConvTranspose3d LayerNorm MaxPool1d MaxPool2d MaxPool3d functional.conv3d""".split()
)
# Still to be written.
OPEN = frozenset(
    (
        "additive attention (Bahdanau et al. 2015)",
        "dice loss (Milletari et al. 2016)",
        "torch.nn.functional.binary_cross_entropy",
        "torch.nn.functional.cosine_similarity",
        "torch.nn.functional.kl_div",
        "torch.nn.functional.relu6",
        "torch.optim.LBFGS",
    )
)


def suites() -> set[str]:
    """The references that have a suite."""
    found = set()
    for module in MODULES:
        for value in vars(module).values():
            found |= {
                one.reference for one in (value if isinstance(value, list) else [value]) if isinstance(one, Suite)
            }
    return found


def test_every_reference_is_held_to_right_and_wrong_versions():
    without = {reference.name for reference in every()} - suites()
    assert without - {f"torch.nn.{name}" for name in TWINS} == OPEN
