"""What became of torchvision's names, and which weights ``pretrained=True`` stood for before 0.13 named them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lintml.torch_api.history_forms import Replacement
from lintml.torch_api.table import Version

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


@dataclass(frozen=True, slots=True, eq=False)
class Fate:
    """What became of a name of torchvision, by the versions of torch that its releases are made for.

    None means not yet; the replacement is there from ``new`` on.
    """

    replacement: Replacement
    deprecated: Version | None = None
    gone: Version | None = None
    new: Version = (1, 8)


def vision_release(version: Version) -> str:
    """The torchvision that is made for a version of torch."""
    major, minor = version
    return f"0.{minor + 1}" if major == 1 else f"0.{minor + 15}"


# The functions of the private module that were public all along under the same names, with the same parameters.
_SHARED = """adjust_brightness adjust_contrast adjust_gamma adjust_hue adjust_saturation adjust_sharpness autocontrast
    crop equalize hflip invert posterize rgb_to_grayscale solarize vflip"""
_RENAMED = {
    "RandomSizedCrop": "RandomResizedCrop",
    "Scale": "Resize",
    "functional.scale": "functional.resize",
}
# torchvision.transforms.v2 and its tensors were tried out under other names in 0.15.
_TRIED = {
    "datapoints.Image": "tv_tensors.Image",
    "datapoints.Mask": "tv_tensors.Mask",
    "datapoints.Video": "tv_tensors.Video",
    "transforms.v2.ClampBoundingBox": "transforms.v2.ClampBoundingBoxes",
    "transforms.v2.SanitizeBoundingBox": "transforms.v2.SanitizeBoundingBoxes",
    "transforms.v2.ToImagePIL": "transforms.v2.ToPILImage",
    "transforms.v2.ToImageTensor": "transforms.v2.ToImage",
}
_FILMS = "read_video read_video_timestamps write_video VideoReader"


def _fates() -> Iterator[tuple[str, Fate]]:
    transforms, v2 = "torchvision.transforms", "torchvision.transforms.v2"
    for old, new in _RENAMED.items():
        yield f"{transforms}.{old}", Fate(Replacement(f"{transforms}.{new}", drop_in=True), (1, 8), (1, 11))
    moved = Replacement("torch.hub.load_state_dict_from_url", drop_in=True)
    yield "torchvision.models.utils.load_state_dict_from_url", Fate(moved, gone=(1, 10))
    yield f"{transforms}.functional_tensor", Fate(Replacement(f"{transforms}.functional"), (2, 0), (2, 2))
    for name in _SHARED.split():
        shared = Replacement(f"{transforms}.functional.{name}", drop_in=True)
        yield f"{transforms}.functional_tensor.{name}", Fate(shared, (2, 0), (2, 2))
    for old, new in _TRIED.items():
        yield f"torchvision.{old}", Fate(Replacement(f"torchvision.{new}", drop_in=True), gone=(2, 1))
    boxes = Replacement("torchvision.tv_tensors.BoundingBoxes", note="`spatial_size` is `canvas_size`")
    yield "torchvision.datapoints.BoundingBox", Fate(boxes, gone=(2, 1))
    scaled = Replacement(f"{v2}.ToDtype", drop_in=True, last="scale=True")
    yield f"{v2}.ConvertDtype", Fate(scaled, gone=(2, 1))
    image = Replacement(f"{v2}.ToImage", note="and then `ToDtype(torch.float32, scale=True)`")
    yield f"{v2}.ToTensor", Fate(image, (2, 0), new=(2, 1))
    image = Replacement(f"{v2}.functional.to_image", note="and then `to_dtype(..., torch.float32, scale=True)`")
    yield f"{v2}.functional.to_tensor", Fate(image, (2, 0), new=(2, 1))
    size = Replacement(f"{v2}.functional.get_size", note="it gives the height first")
    yield f"{v2}.functional.get_image_size", Fate(size, (2, 1), new=(2, 1))
    for name in _FILMS.split():
        yield f"torchvision.io.{name}", Fate(Replacement("", note="TorchCodec reads and writes films"), (2, 7), (2, 11))


FATES: Mapping[str, Fate] = dict(_fates())
