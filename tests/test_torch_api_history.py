"""What became of torch's names, and whether what is to be written instead says the same."""

import re
import warnings
from collections.abc import Iterator

import pytest

from lintml import documents, pipeline
from lintml.config import Settings
from lintml.torch_api import history, names
from lintml.torch_api.history import Change, Rewrite, change, keyword_change, replacement_of, rewritten
from lintml.torch_api.history_foreign import KEYWORDS, foreign, meant_keyword
from lintml.torch_api.history_foreign import LINES as FOREIGN
from lintml.torch_api.history_functions import ANCIENT, REPLACEMENTS
from lintml.torch_api.history_torchfix import TORCHFIX
from lintml.torch_api.history_vision import weights
from lintml.torch_api.names import NEWEST, OLDEST, Version, lookup


@pytest.mark.parametrize(
    ("path", "version", "state", "since", "new"),
    [
        ("torch.lstsq", (1, 12), "deprecated", (1, 9), "torch.linalg.lstsq"),
        ("torch.lstsq", (2, 0), "raises", (1, 13), "torch.linalg.lstsq"),
        ("torch.symeig", (2, 0), "raises", (2, 0), "torch.linalg.eigh"),
        ("torch.Tensor.symeig", (2, 0), "raises", (2, 0), "torch.linalg.eigh"),
        ("torch.qr", (2, 13), "deprecated", (1, 8), "torch.linalg.qr"),
        ("torch.qr", NEWEST, "raises", (2, 14), "torch.linalg.qr"),
        ("torch.lu_solve", NEWEST, "deprecated", (1, 13), "torch.linalg.lu_solve"),
        ("torch.set_deterministic", (2, 0), "gone", (1, 10), "torch.use_deterministic_algorithms"),
        ("torch.gels", NEWEST, "gone", OLDEST, "torch.linalg.lstsq"),
        ("torch.cuda.amp.GradScaler", (2, 4), "deprecated", (2, 4), "torch.amp.GradScaler"),
        ("torch.cuda.amp.grad_scaler.GradScaler", (2, 4), "deprecated", (2, 4), "torch.amp.GradScaler"),
        ("torch.nn.init.xavier_uniform", (1, 8), "deprecated", (1, 8), "torch.nn.init.xavier_uniform_"),
        ("torch.nn.functional.upsample", NEWEST, "deprecated", (1, 8), "torch.nn.functional.interpolate"),
        ("torch.Tensor.ger", NEWEST, "deprecated", (1, 8), "torch.Tensor.outer"),
        ("torch.Tensor.refine_names", NEWEST, "gone", (2, 13), None),
    ],
)
def test_a_name_that_changed_says_since_when(
    path: str, version: Version, state: str, since: Version, new: str | None
) -> None:
    found = change(path, version)
    assert found
    assert (found.state, found.since) == (state, since)
    assert (found.replacement.new if found.replacement else None) == new


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("torch.lstsq", (1, 8)),
        ("torch.cuda.amp.GradScaler", (2, 3)),
        ("torch.set_deterministic", (1, 7)),
        ("torch.nn.functional.sigmoid", NEWEST),
        ("torch.nn.functional.tanh", NEWEST),
        ("torch.nn.Conv2d", NEWEST),
        ("torch.nn.Dense", NEWEST),
    ],
)
def test_a_name_that_did_not_change_yet_is_silent(path: str, version: Version) -> None:
    found = change(path, version)
    assert found is None or found.state == "deprecated"
    if path != "torch.set_deterministic":
        assert found is None


def test_a_replacement_waits_for_the_version_that_has_it() -> None:
    assert replacement_of("torch.nn.utils.weight_norm", (1, 13)) is None
    assert replacement_of("torch.nn.utils.weight_norm", (2, 1))


def test_every_old_name_was_there_and_every_new_one_is() -> None:
    for path, replacement in {**REPLACEMENTS, **ANCIENT}.items():
        assert names.exists(replacement.new, NEWEST) is True, replacement.new
        if not path.startswith("functorch."):
            assert (lookup(path) is None) == (path in ANCIENT), path


def test_every_old_name_did_change() -> None:
    for path in REPLACEMENTS:
        found = lookup(path)
        documented = path in ("torch.lu",) or path.startswith("functorch.")
        assert documented or (found and isinstance(change(path), Change)), path


def test_rewrites_ask_for_parameters_that_the_old_function_had() -> None:
    for path, replacement in REPLACEMENTS.items():
        found = lookup(path)
        for rewrite in replacement.rewrites:
            assert found
            known = {p.name for _, overloads in found.history for s in overloads for p in s.parameters}
            known |= {f"*{name}" for name in known} | {"self"}
            assert {*re.findall(r"{(.*?)}", rewrite.text), *dict(rewrite.when)} <= known, path


def test_rewriting_takes_just_the_arguments_it_knows() -> None:
    qr = REPLACEMENTS["torch.qr"]
    assert rewritten(qr, {"input": "a @ b"}) == Rewrite("torch.linalg.qr(a @ b)")
    wide = rewritten(qr, {"input": "a", "some": "False"})
    assert wide
    assert wide.text == 'torch.linalg.qr(a, mode="complete")'
    assert rewritten(qr, {"input": "a", "some": "flag"}) is None
    assert rewritten(qr, {"input": "a", "out": "o"}) is None
    chain = rewritten(REPLACEMENTS["torch.chain_matmul"], {"*matrices": "a, b, c"})
    assert chain
    assert chain.text == "torch.linalg.multi_dot([a, b, c])"


SAMPLES = {
    "torch.qr": {"input": "square"},
    "torch.cholesky": {"input": "positive"},
    "torch.lu": {"A": "square"},
    "torch.lu_solve": {
        "input": "tall",
        "LU_data": "torch.linalg.lu_factor(square)[0]",
        "LU_pivots": "torch.linalg.lu_factor(square)[1]",
    },
    "torch.norm": {"input": "tall", "dim": "1", "keepdim": "True"},
    "torch.chain_matmul": {"*matrices": "square, square, tall"},
    "torch.Tensor.cholesky": {"self": "positive"},
    "torch.Tensor.qr": {"self": "square"},
    "torch.Tensor.lu_solve": {
        "self": "tall",
        "LU_data": "torch.linalg.lu_factor(square)[0]",
        "LU_pivots": "torch.linalg.lu_factor(square)[1]",
    },
}


def exact_calls() -> Iterator[tuple[str, str]]:
    """The old and the new source of each exact rewriting of a function that still runs in torch 2.13."""
    for path, sample in SAMPLES.items():
        for rewrite in REPLACEMENTS[path].rewrites:
            given = {name: sample[name] for name in re.findall(r"{(.*?)}", rewrite.text)} | dict(rewrite.when)
            new = rewritten(REPLACEMENTS[path], given)
            assert new
            assert new.exact
            owner = f"({given.pop('self')})." if "self" in given else "torch."
            arguments = [text if name[0] == "*" else f"{name}={text}" for name, text in given.items()]
            yield f"{owner}{path.rpartition('.')[2]}({', '.join(arguments)})", new.text


@pytest.mark.parametrize(("old", "new"), list(exact_calls()))
def test_an_exact_rewriting_gives_the_same_values(old: str, new: str) -> None:
    torch = pytest.importorskip("torch")
    if tuple(map(int, torch.__version__.split(".")[:2])) >= (2, 14) and re.search(r"\b(qr|cholesky)\(", old):
        pytest.skip("the old function only raises")
    torch.manual_seed(0)
    square = torch.randn(4, 4, dtype=torch.float64)
    scope = {
        "torch": torch,
        "square": square,
        "positive": square @ square.mT + torch.eye(4),
        "tall": torch.randn(4, 2).double(),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before, after = eval(old, scope), eval(new, scope)
    before, after = ((v,) if isinstance(v, torch.Tensor) else tuple(v) for v in (before, after))
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize(
    ("path", "call", "same"),
    [
        ("torch.ger", "(v, v)", "torch.outer(v, v)"),
        (
            "torch.nn.functional.upsample_nearest",
            "(x, scale_factor=2)",
            'F.interpolate(x, scale_factor=2, mode="nearest")',
        ),
        (
            "torch.nn.functional.upsample_bilinear",
            "(x, scale_factor=2)",
            'F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)',
        ),
        (
            "torch.nn.UpsamplingBilinear2d",
            "(scale_factor=2)(x)",
            'nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)(x)',
        ),
    ],
)
def test_a_drop_in_gives_the_same_values(path: str, call: str, same: str) -> None:
    torch = pytest.importorskip("torch")
    replacement = REPLACEMENTS[path]
    assert replacement.drop_in
    assert replacement.new.rpartition(".")[2] in same
    assert replacement.last in same
    scope = {
        "torch": torch,
        "nn": torch.nn,
        "F": torch.nn.functional,
        "v": torch.arange(3.0),
        "x": torch.arange(16.0).view(1, 1, 4, 4),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.testing.assert_close(eval(path + call, scope), eval(same, scope))


def test_a_removed_keyword_says_when_it_went() -> None:
    found = keyword_change("torch.optim.lr_scheduler.StepLR", "verbose")
    assert found
    assert (found.deprecated, found.removed, found.new) == ((2, 2), (2, 7), "")
    warned = keyword_change("torch.optim.lr_scheduler.StepLR", "verbose", (2, 4))
    assert warned
    assert warned.removed is None
    assert keyword_change("torch.optim.lr_scheduler.StepLR", "verbose", (2, 1)) is None
    assert keyword_change("torch.optim.lr_scheduler.StepLR", "gamma") is None
    assert keyword_change("torch.optim.lr_scheduler.StepLR", "nonsense") is None


def test_all_losses_read_the_old_flags_as_a_reduction() -> None:
    torch = pytest.importorskip("torch")
    legacy = torch.nn._reduction.legacy_get_string
    for average in (None, True, False):
        for reduce in (None, True, False):
            assert history.reduction(average, reduce) == legacy(average, reduce, emit_warning=False)
    for path in ("torch.nn.MSELoss", "torch.nn.functional.cross_entropy", "torch.nn.BCEWithLogitsLoss"):
        found = keyword_change(path, "size_average")
        assert found
        assert found.new == "reduction"
    assert keyword_change("torch.nn.MSELoss", "reduction") is None


def test_what_had_better_be_given_is_a_keyword_of_that_version() -> None:
    for path, (keyword, since, _) in history.EXPLICIT.items():
        found = lookup(path)
        assert found
        span = found.keyword_span(keyword)
        assert span
        assert span[0] <= since
        assert span[1] is None


def test_public_names_stand_for_the_private_ones() -> None:
    for private, public in history.PUBLIC.items():
        assert names.exists(public) is True
        assert names.exists(private) is None or lookup(private), private


def test_foreign_names_are_not_torchs_and_their_meanings_are() -> None:
    pairs = [(line.split()[0], pair) for line in FOREIGN.strip().splitlines() for pair in line.split()[2:]]
    assert len(pairs) > 90
    for namespace, pair in pairs:
        name, _, meaning = pair.partition("=")
        assert names.exists(f"{namespace}.{name}") is False, name
        assert not meaning or names.exists(meaning) is True, meaning


def test_a_foreign_method_is_found_through_the_base_classes() -> None:
    found = foreign("torch.nn.Linear.trainable_weights")
    assert found
    assert (found.library, found.torch) == ("Keras", "torch.nn.Module.parameters")
    add = foreign("torch.nn.Sequential.add")
    assert add
    assert add.torch == "torch.nn.Sequential.append"
    assert foreign("torch.nn.Linear.add") is None
    assert foreign("torch.nn.Linear.forward") is None


@pytest.mark.parametrize(
    ("path", "keyword", "meant"),
    [
        ("torch.optim.Adam", "learning_rate", "lr"),
        ("torch.nn.TransformerEncoderLayer", "num_heads", "nhead"),
        ("torch.nn.Conv2d", "filters", "out_channels"),
        ("torch.nn.Linear", "units", "out_features"),
        ("torch.nn.Dropout", "rate", "p"),
        ("torch.nn.LSTM", "units", "hidden_size"),
        ("torch.nn.Embedding", "vocab_size", "num_embeddings"),
        ("torch.nn.functional.softmax", "axis", "dim"),
        ("torch.nn.Linear", "nonsense", None),
        ("torch.nn.Linear", "learning_rate", None),
    ],
)
def test_a_foreign_keyword_is_read_as_the_one_that_is_there(path: str, keyword: str, meant: str | None) -> None:
    found = lookup(path)
    assert found
    assert meant_keyword(found.signatures[0], keyword) == meant


def test_a_keyword_is_never_translated_to_itself() -> None:
    assert all(keyword not in meanings for keyword, meanings in KEYWORDS.items())


def test_pretrained_stands_for_the_weights_of_its_folder() -> None:
    assert weights("torchvision.models.resnet18", "pretrained") == "IMAGENET1K_V1"
    assert weights("torchvision.models.resnet.resnet18", "pretrained") == "IMAGENET1K_V1"
    assert weights("torchvision.models.detection.ssd300_vgg16", "pretrained_backbone") == "IMAGENET1K_FEATURES"
    assert weights("torchvision.models.segmentation.fcn_resnet50", "pretrained") == "COCO_WITH_VOC_LABELS_V1"
    assert weights("torchvision.models.quantization.resnet18", "pretrained") is None
    assert weights("timm.create_model", "pretrained") is None
    assert weights("torchvision.models.resnet18", "progress") is None


def test_every_code_of_torchfix_is_listed_once() -> None:
    codes = [parity.code for parity in TORCHFIX]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"TOR\d{3}", code) for code in codes)
    assert all(re.fullmatch(r"[A-Z]{3}\d{3}", parity.rule) for parity in TORCHFIX)


TORCHFIX_EXAMPLES = {
    "TOR001": "torch.matrix_rank(torch.eye(2))",
    "TOR002": "x = torch.ones(2)\nx.require_grad = True",
    "TOR003": "from torch.utils.checkpoint import checkpoint\ncheckpoint(torch.relu, torch.ones(1))",
    "TOR004": "from torch import lstsq",
    "TOR101": "torch.nn.utils.weight_norm(torch.nn.Linear(2, 2))",
    "TOR102": 'torch.load("weights.pt")',
    "TOR103": "from torch.nn.utils import weight_norm",
    "TOR104": "torch.utils.data._utils.collate.default_collate([torch.ones(1)])",
    "TOR105": "from torch.utils.data._utils.collate import default_collate",
    "TOR106": "torch.log(1 + torch.rand(2))",
    "TOR107": "torch.exp(torch.rand(2)) - 1",
    "TOR201": "import torchvision\ntorchvision.models.resnet18(pretrained=True)",
    "TOR202": "from torchvision.transforms import v2\nv2.ToTensor()",
    "TOR203": "import torchvision.models as models",
    "TOR401": "torch.utils.data.DataLoader(unknown)",
    "TOR901": "import torch.testing._internal.common_utils\ntorch.library.Library('mine', 'DEF')",
}


def test_what_torchfix_finds_is_found_by_the_rule_that_the_table_names() -> None:
    assert {parity.code for parity in TORCHFIX} == TORCHFIX_EXAMPLES.keys()
    for parity in TORCHFIX:
        code = f"import torch\n{TORCHFIX_EXAMPLES[parity.code]}\n"
        settings = Settings(torch_version="2.4" if parity.code == "TOR102" else "", extend_select=(parity.rule,))
        found = pipeline.check(documents.parse(code, "page.py"), settings).diagnostics
        assert parity.rule in {each.code for each in found}, parity.code


def test_arguments_are_bound_to_their_parameters() -> None:
    lstsq = lookup("torch.lstsq")
    assert lstsq
    assert lstsq.signatures[0].bind(["b"], {"A": "a"}) == {"input": "b", "A": "a"}
    assert lstsq.signatures[0].bind(["b"], {"nonsense": "a"}) is None
    chain = lookup("torch.chain_matmul")
    assert chain
    assert chain.signatures[0].bind(["a", "b"], {}) == {"*matrices": "a, b"}
