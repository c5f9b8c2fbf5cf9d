"""What names say: torch's own of its settings, and those that people give to parameters."""

import re

from lintml.verify.contract import Role


def by_pattern(name: str) -> Role:
    """The role that people give to a parameter of this name."""
    lowered = name.lower()
    return next((role for pattern, role in _PATTERNS if pattern.search(lowered)), "unknown")


def _table(*rows: tuple[Role, str]) -> dict[str, Role]:
    return {name: role for role, names in rows for name in names.split()}


# torch's own names of its settings, whichever layer has them.
SLOTS = _table(
    ("size", "in_features out_features num_embeddings embedding_dim in_channels out_channels hidden_size input_size"),
    ("size", "embed_dim d_model dim_feedforward num_features num_channels normalized_shape kdim vdim in1_features"),
    ("size", "in2_features proj_size n_classes num_parameters"),
    ("heads", "num_heads nhead num_groups groups"),
    ("count", "num_layers num_encoder_layers num_decoder_layers stride padding dilation output_padding padding_idx"),
    ("kernel", "kernel_size"),
    ("probability", "p dropout"),
    ("float", "eps momentum lr alpha beta negative_slope lambd label_smoothing weight_decay gamma max_norm clip_value"),
    ("bool", "bias batch_first bidirectional affine inplace track_running_stats"),
)

_NAMES: tuple[tuple[str, Role], ...] = (
    (r"(^|_)n?_?heads?$|^nhead$|(^|_)groups?$", "heads"),
    (
        r"(^|_)(n|num|number)_?(layers?|blocks?|stages?|experts?)$|(^|_)(layers|stages|depth|steps|iterations|epochs?)$",
        "count",
    ),
    (r"patch(_size)?$", "count"),
    (r"window(_size)?$", "kernel"),
    (
        r"^(num_?|n_?)?(diffusion_)?timesteps$|max_?(seq_?)?len(gth)?|(block|context)_size|max_position|context_length",
        "length",
    ),
    (r"^(batch_size|bs|(lora_)?rank|r|(top_?)?k)$", "count"),
    (r"kernel", "kernel"),
    (r"^optimi[sz]er$|^opt(im)?$", "optimizer"),
    (r"^(lr_)?schedule(r)?s$", "schedules"),
    (r"^(params|parameters)$", "params"),
    (r"(^|_)(data)?_?(loader|iter|iterator)$|^dataloader", "loader"),
    (r"^(criterion|loss_?fn|loss_?func(tion)?|loss)$", "loss"),
    (r"^device$", "device"),
    (r"(^|_)(path|file|filename|dir|folder|root|url)$", "text"),
    (r"drop|prob|^(top_?)?p$", "probability"),
    (r"(^|_)eps|momentum|(^|_)lr$|learning_rate|beta|gamma|alpha|lambda|factor|temperature|^tau$", "float"),
    (
        r"margin|slope|rate$|smooth|decay|(^|_)weight$|scale$|threshold|coef|(^|_)limit$|max_?norm|clip(_?(value|norm))?$",
        "float",
    ),
    (r"^(use|is|with|has|return)_|(^|_)bias$|batch_first|bidirectional|affine|causal|inplace", "bool"),
    (r"^(layer|module|model|backbone|encoder|decoder|net|network|block|sublayer|fn|base|\w+_layer)$", "layer"),
    (r"(sizes|dims|milestones|channels_list|hiddens|widths)$", "sizes"),
    (r"stride|padding|dilation|patience|step_size|every|period|expansion|reduction|(^|_)(blocks|repeats)$", "count"),
)
_PATTERNS = tuple((re.compile(pattern), role) for pattern, role in _NAMES)
