"""Every reference has right and wrong versions that it is held to."""

import test_references_attention
import test_references_blocks
import test_references_boxes
import test_references_changes
import test_references_diffusion
import test_references_formulas
import test_references_functions
import test_references_layers
import test_references_masks
import test_references_norms
import test_references_objectives
import test_references_optimizers
import test_references_parts
import test_references_pictures
import test_references_relative
import test_references_scores
import test_references_structures
import test_references_updates
import test_references_whole
from mutants import Suite

from lintml.verify.references import every

MODULES = (
    test_references_attention,
    test_references_blocks,
    test_references_boxes,
    test_references_changes,
    test_references_diffusion,
    test_references_formulas,
    test_references_functions,
    test_references_layers,
    test_references_masks,
    test_references_norms,
    test_references_objectives,
    test_references_optimizers,
    test_references_parts,
    test_references_pictures,
    test_references_relative,
    test_references_scores,
    test_references_structures,
    test_references_updates,
    test_references_whole,
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
    assert {reference.name for reference in every()} - suites() == set()
