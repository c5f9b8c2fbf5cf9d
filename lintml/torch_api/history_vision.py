"""Which weights torchvision's old ``pretrained=True`` stands for, since 0.13 gave each model its weights by name."""

KEYWORDS = {"pretrained": "weights", "pretrained_backbone": "weights_backbone"}
DEPRECATED = (0, 13)

# Folder of models -> the weights of `pretrained=True`; those of quantized models depend on another argument.
_WEIGHTS = {
    "": "IMAGENET1K_V1",
    "detection": "COCO_V1",
    "segmentation": "COCO_WITH_VOC_LABELS_V1",
    "video": "KINETICS400_V1",
}
_OTHERS = {
    "torchvision.models.optical_flow.raft_large": "C_T_SKHT_V2",
    "torchvision.models.optical_flow.raft_small": "C_T_V2",
}
# Models that have weights now, but had none when the flag was new.
_NONE_THEN = {"torchvision.models.vit_h_14", "torchvision.models.regnet_y_128gf"}
_BACKBONES = {"torchvision.models.detection.ssd300_vgg16": "IMAGENET1K_FEATURES"}
_FOLDERS = ("detection", "optical_flow", "quantization", "segmentation", "video")


def weights(path: str, keyword: str) -> str | None:
    """The name of the weights that an old flag loads when it is true; None where that cannot be told.

    ``path`` is a builder such as ``torchvision.models.resnet18``. A false flag always stands for ``None``.
    """
    package, _, builder = path.rpartition(".")
    folder = package.removeprefix("torchvision.models").lstrip(".")
    if not package.startswith("torchvision.models") or keyword not in KEYWORDS or not builder[:1].islower():
        return None
    if keyword == "pretrained_backbone":
        return _BACKBONES.get(path, "IMAGENET1K_V1") if folder in ("detection", "segmentation") else None
    # A builder may also be reached through the module that it stands in, such as torchvision.models.resnet.
    if path in _NONE_THEN:
        return None
    return _OTHERS.get(path) or _WEIGHTS.get(folder if folder in _FOLDERS else "")
