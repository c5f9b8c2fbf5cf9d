"""Samples whose gradient is known: a mean and a deviation times what is drawn (Kingma and Welling 2014)."""

import torch

from lintml.verify.references.declare import Evidence, SampleReference, Seen
from lintml.verify.references.graph import MULTIPLIES, RANDOM


def _recognise(seen: Seen) -> Evidence:
    shapes = seen.input_shapes()
    if seen.parameters or len(shapes) != 2 or shapes[0] is None or shapes[0] != shapes[1] or seen.result != shapes[0]:
        return Evidence.NONE
    return Evidence.POSSIBLE if seen.graph.ops() & RANDOM and not seen.graph.ops() & MULTIPLIES else Evidence.NONE


REFERENCES = (
    SampleReference(
        "reparameterised sample (Kingma and Welling 2014)",
        _recognise,
        {
            "": (0.0, lambda spread: torch.exp(spread / 2)),
            "of the logarithm of the deviation": (0.0, torch.exp),
            "of the deviation": (1.0, torch.abs),
            "of the variance": (1.0, lambda spread: spread.abs().sqrt()),
        },
    ),
)
