"""What the shipped table says of torch, and the questions that rules ask it."""

import string
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintml.torch_api import names
from lintml.torch_api.names import CONVENTIONAL, NEWEST, OLDEST, Mismatch, lookup
from lintml.torch_api.parameters import Parameter, Signature, parse_signature
from lintml.torch_api.table import Table, record_of

TORCH = Table((names.DATA / "torch.txt").read_bytes())


def all_paths() -> Iterator[str]:
    for line in TORCH.blob.decode().splitlines():
        if line[:1] not in ("\t", "#") and " * " not in line:
            record = record_of(line)
            yield f"{record.namespace}.{record.name}".lstrip(".")


PATHS = list(all_paths())


def test_the_constants_are_the_ends_of_the_table() -> None:
    assert (TORCH.versions[0], TORCH.versions[-1]) == (OLDEST, NEWEST)


@pytest.mark.parametrize(
    ("path", "since", "until"),
    [
        ("torch.nn.Conv2d", (1, 8), None),
        ("torch.compile", (2, 0), None),
        ("torch.inference_mode", (1, 9), None),
        ("torch.nn.Mish", (1, 9), None),
        ("torch.nn.RMSNorm", (2, 4), None),
        ("torch.nn.functional.rms_norm", (2, 4), None),
        ("torch.nn.functional.scaled_dot_product_attention", (2, 0), None),
        ("torch.optim.NAdam", (1, 10), None),
        ("torch.optim.Muon", (2, 9), None),
        ("torch.optim.lr_scheduler.LinearLR", (1, 10), None),
        ("torch.amp.GradScaler", (2, 3), None),
        ("torch.Tensor.mH", (1, 11), None),
        ("torch.linalg.lu_solve", (1, 13), None),
        ("torch.accelerator", (2, 6), None),
        ("torch.set_deterministic", (1, 8), (1, 10)),
        ("torch.utils.data.DataLoader2", (1, 10), (2, 0)),
        ("torch.Tensor.refine_names", (1, 8), (2, 13)),
    ],
)
def test_a_name_lives_from_one_version_to_another(
    path: str, since: tuple[int, int], until: tuple[int, int] | None
) -> None:
    found = lookup(path)
    assert found
    assert (found.since, found.until) == (since, until)
    assert names.exists(path, since) is True
    assert names.exists(path) is (until is None)
    if since > OLDEST:
        assert names.exists(path, (since[0], since[1] - 1) if since[1] else (1, 13)) is False
    if until:
        assert names.exists(path, until) is False


@pytest.mark.parametrize(
    ("alias", "path"),
    [
        ("torch.nn.modules.conv.Conv2d", "torch.nn.Conv2d"),
        ("torch.nn.modules.Linear", "torch.nn.Linear"),
        ("torch.nn.parameter.Parameter", "torch.nn.Parameter"),
        ("torch.optim.adam.Adam", "torch.optim.Adam"),
        ("torch.utils.data.dataset.Dataset", "torch.utils.data.Dataset"),
        ("torch.functional.einsum", "torch.einsum"),
        ("torch.autograd.no_grad", "torch.no_grad"),
        ("torch.amp.autocast", "torch.autocast"),
        ("torch.amp.grad_scaler.GradScaler", "torch.amp.GradScaler"),
        ("torch.nn.modules.conv.Conv2d.extra_repr", "torch.nn.Conv2d.extra_repr"),
        ("torch.optim.Adam.zero_grad", "torch.optim.Optimizer.zero_grad"),
        ("torch.nn.Linear.state_dict", "torch.nn.Module.state_dict"),
        ("torch.FloatTensor.view", "torch.Tensor.view"),
    ],
)
def test_an_alias_leads_home(alias: str, path: str) -> None:
    found = lookup(alias)
    assert found
    assert found.path == path


def test_two_homes_of_one_name_stay_apart() -> None:
    for path in (
        "torch.relu",
        "torch.nn.functional.relu",
        "torch.conv2d",
        "torch.nn.functional.conv2d",
        "torch.Tensor.add",
    ):
        found = lookup(path)
        assert found
        assert found.path == path


@pytest.mark.parametrize(
    "path", ["torch.ops.aten.add", "torch.nope.inner", "numpy.array", "torch.nn.Linear._secret", "x"]
)
def test_what_no_table_can_tell_is_none(path: str) -> None:
    assert names.exists(path) is None
    assert lookup(path) is None


@pytest.mark.parametrize(
    "path", ["torch.nn.MaxPool2D", "torch.nn.relu", "torch.reduce_mean", "torch.Tensor.astype", "torch.nn.Linear.fit"]
)
def test_what_is_not_there_is_false(path: str) -> None:
    assert names.exists(path) is False


def test_what_a_module_merely_imports_exists_but_is_no_home() -> None:
    assert names.exists("torch.nn.functional.math") is True
    assert names.exists("torch.os") is True
    assert "math" not in names.members("torch.nn.functional")


def test_instance_attributes_and_inherited_members_exist() -> None:
    for path in ("torch.nn.Linear.weight", "torch.nn.BatchNorm2d.running_mean", "torch.nn.LSTM.hidden_size"):
        assert names.exists(path) is True
    assert names.exists("torch.Size.index") is True
    assert {"forward", "state_dict", "in_features"} <= set(names.members("torch.nn.Linear"))


@pytest.mark.parametrize(
    ("wrong", "called", "right"),
    [
        ("torch.nn.Conv2D", True, "torch.nn.Conv2d"),
        ("torch.nn.MaxPool2D", True, "torch.nn.MaxPool2d"),
        ("torch.nn.modules.batchnorm.BatchNorm1D", True, "torch.nn.modules.batchnorm.BatchNorm1d"),
        ("torch.nn.relu", True, "torch.nn.ReLU"),
        ("torch.nn.cross_entropy_loss", True, "torch.nn.CrossEntropyLoss"),
        ("torch.nn.functional.Relu", True, "torch.nn.functional.relu"),
        ("torch.nn.functional.Relu_", True, "torch.nn.functional.relu_"),
        ("torch.nn.init.Xavier_Uniform", True, "torch.nn.init.xavier_uniform_"),
        ("torch.utils.data.Dataloader", True, "torch.utils.data.DataLoader"),
        ("torch.utils.data.data_loader", False, "torch.utils.data.dataloader"),
        ("torch.Optim", False, "torch.optim"),
        ("torch.optim.ADAMW", True, "torch.optim.AdamW"),
        ("torch.Tensor.Size", True, "torch.Tensor.size"),
        ("torch.Cuda", False, "torch.cuda"),
        ("torch.TENSOR", True, None),
        ("torch.nn.Conv2d", True, None),
        ("torch.nn.Dense", True, None),
        ("torch.nope.conv2D", True, None),
    ],
)
def test_fold_finds_the_name_that_differs_in_case(wrong: str, called: bool, right: str | None) -> None:
    assert names.fold(wrong, called=called) == right


def test_fold_looks_only_at_the_version_that_is_meant() -> None:
    assert names.fold("torch.nn.RMSnorm", version=(2, 0)) is None
    assert names.fold("torch.nn.RMSnorm", version=(2, 4)) == "torch.nn.RMSNorm"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("torch.nn.Liner", "torch.nn.Linear"),
        ("torch.sofmax", "torch.softmax"),
        ("torch.nn.functional.sofmtax", "torch.nn.functional.softmax"),
        ("torch.optim.Adm", "torch.optim.Adam"),
        ("torch.nn.Linear", None),
        ("torch.nn.Perceptron", None),
    ],
)
def test_close_finds_the_name_one_edit_away(wrong: str, right: str | None) -> None:
    assert names.close(wrong) == right


def test_close_reaches_as_far_as_it_is_told() -> None:
    assert names.close("torch.nn.CrossEntropyLss_") is None
    assert names.close("torch.nn.CrossEntropyLss_", distance=2) == "torch.nn.CrossEntropyLoss"


@pytest.mark.parametrize(
    ("name", "home"),
    [
        ("TransformerEncoder", "torch.nn.TransformerEncoder"),
        ("Linear", "torch.nn.Linear"),
        ("Adam", "torch.optim.Adam"),
        ("StepLR", "torch.optim.lr_scheduler.StepLR"),
        ("DataLoader", "torch.utils.data.DataLoader"),
        ("Optimizer", "torch.optim.Optimizer"),
        ("cross_entropy", "torch.nn.functional.cross_entropy"),
        ("clip_grad_norm_", "torch.nn.utils.clip_grad_norm_"),
        ("Parameter", "torch.nn.Parameter"),
        ("Variable", "torch.autograd.Variable"),
        ("relu", "torch.relu"),
    ],
)
def test_homes_puts_the_best_first(name: str, home: str) -> None:
    assert names.homes(name)[:1] == (home,)


def test_homes_are_places_where_the_name_can_be_imported_from() -> None:
    assert names.homes("zero_grad") == ()
    assert names.homes("no_such_name") == ()


def test_signatures_are_those_of_the_version() -> None:
    sgd = lookup("torch.optim.SGD")
    assert sgd
    assert sgd.mismatch(1, version=(2, 1)) == Mismatch("missing", "lr")
    assert sgd.mismatch(1, version=(2, 2)) is None
    assert sgd.mismatch(1) is None
    plateau = lookup("torch.optim.lr_scheduler.ReduceLROnPlateau")
    assert plateau
    assert plateau.mismatch(1, ["verbose"], (2, 6)) is None
    assert plateau.mismatch(1, ["verbose"], (2, 7)) == Mismatch("unknown", "verbose")
    assert plateau.keyword_span("verbose") == ((1, 8), (2, 7))
    assert plateau.keyword_span("patience") == ((1, 8), None)
    assert plateau.keyword_span("learning_rate") is None


@pytest.mark.parametrize(
    ("path", "positional", "keywords", "mismatch"),
    [
        ("torch.nn.Linear", 1, [], Mismatch("missing", "out_features")),
        ("torch.nn.Linear", 2, ["in_features"], Mismatch("twice", "in_features")),
        ("torch.nn.Linear", 0, ["in_features", "out_features"], None),
        ("torch.nn.Sigmoid", 1, [], Mismatch("too many", limit=0)),
        ("torch.nn.Identity", 4, ["anything"], None),
        ("torch.optim.Adam", 1, ["learning_rate"], Mismatch("unknown", "learning_rate")),
        ("torch.nn.TransformerEncoder", 1, ["num_heads"], Mismatch("unknown", "num_heads")),
        ("torch.sum", 1, ["axis", "keepdims"], None),
        ("torch.nn.functional.softmax", 1, ["axis"], Mismatch("unknown", "axis")),
        ("torch.softmax", 1, [], Mismatch("missing", "dim")),
        ("torch.tensor", 2, [], Mismatch("too many", limit=1)),
        ("torch.zeros", 3, ["device"], None),
        ("torch.randint", 3, [], None),
        ("torch.arange", 3, ["dtype"], None),
        ("torch.einsum", 3, [], None),
        ("torch.cat", 1, ["axis"], None),
        ("torch.stack", 2, [], None),
        ("torch.bmm", 1, [], Mismatch("missing", "mat2")),
        ("torch.linalg.norm", 1, ["ord", "dim"], None),
        ("torch.fft.fft", 1, ["norm"], None),
        ("torch.nn.functional.gelu", 2, [], Mismatch("too many", limit=1)),
        ("torch.nn.functional.max_pool2d", 2, ["return_indices"], None),
        ("torch.Tensor.view", 4, [], None),
        ("torch.Tensor.permute", 3, [], None),
        ("torch.Tensor.permute", 0, [], Mismatch("missing", "dims")),
        ("torch.Tensor.sum", 0, ["dim", "keepdim"], None),
        ("torch.Tensor.unsqueeze", 0, [], Mismatch("missing", "dim")),
        ("torch.Tensor.requires_grad_", 0, ["requires_grad"], None),
        ("torch.Tensor.to", 1, ["non_blocking"], None),
        ("torch.optim.lr_scheduler.ReduceLROnPlateau.step", 0, [], Mismatch("missing", "metrics")),
        ("torch.utils.data.DataLoader", 1, ["batch_size", "shuffle", "num_workers"], None),
        ("torch.utils.data.IterableDataset", 0, [], None),
        ("torch.load", 1, ["weights_only", "mmap"], None),
        ("torch.compile", 1, ["fullgraph"], None),
    ],
)
def test_a_call_fits_or_says_why_not(
    path: str, positional: int, keywords: list[str], mismatch: Mismatch | None
) -> None:
    found = lookup(path)
    assert found
    assert found.signatures
    assert found.mismatch(positional, keywords) == mismatch


def test_stubs_that_raise_and_deprecations_come_with_their_versions() -> None:
    lstsq = lookup("torch.lstsq")
    assert lstsq
    assert "torch.linalg.lstsq" in lstsq.raises
    assert lstsq.raises_in((1, 13))
    assert not lstsq.raises_in((1, 12))
    cholesky = lookup("torch.cholesky")
    assert cholesky
    assert cholesky.deprecated_in((2, 13))
    assert not cholesky.deprecated_in((1, 8))
    assert cholesky.raises_in((2, 14))
    scaler = lookup("torch.cuda.amp.GradScaler")
    assert scaler
    assert scaler.deprecated
    assert scaler.deprecated[0] == (2, 4)


def test_a_deprecation_that_was_taken_back_is_none() -> None:
    sigmoid = lookup("torch.nn.functional.sigmoid")
    assert sigmoid
    assert sigmoid.deprecated is None
    assert sigmoid.deprecated_in((1, 13))


def test_the_conventional_imports_bind_their_names_and_those_from_torch_exist() -> None:
    for name, statement in CONVENTIONAL.items():
        scope = statement.split()
        assert scope[-1] == name
        if scope[0] == "from" and scope[1].startswith("torch.") and "tensorboard" not in scope[1]:
            assert names.exists(f"{scope[1]}.{scope[3]}") is True


def test_every_alias_and_every_base_leads_to_a_record() -> None:
    for path in PATHS:
        assert lookup(path), path


def test_every_record_is_found_where_it_stands() -> None:
    for path in PATHS[::7]:
        namespace, _, name = path.rpartition(".")
        record = TORCH.record(namespace, name)
        assert record
        assert (record.namespace, record.name) == (namespace, name)


def test_the_members_of_a_namespace_are_its_lines() -> None:
    lines = [p.rpartition(".")[2] for p in PATHS if p.rpartition(".")[0] == "torch.nn"]
    assert [r.name for r in TORCH.records("torch.nn")] == lines
    assert len(lines) > 100


@given(st.text(string.ascii_letters + "._", max_size=40))
def test_searching_for_anything_ends(text: str) -> None:
    namespace, _, name = text.rpartition(".")
    record = TORCH.record(namespace, name)
    assert record is None or record.name == name


parameters = st.builds(
    Parameter,
    st.from_regex(r"[a-z][a-z_0-9]{0,6}", fullmatch=True),
    st.sampled_from(["positional", "either", "keyword", "rest", "keywords"]),
    st.sampled_from([None, "1", "(1, 2)", "'a, b'", "[]", "torch.float"]),
    st.sampled_from(["", "int", "Tensor|number|None"]),
)


def in_order(given_parameters: list[Parameter]) -> Signature:
    order = ["positional", "either", "rest", "keyword", "keywords"]
    kept: dict[str, Parameter] = {}
    for p in sorted(given_parameters, key=lambda p: order.index(p.kind)):
        if p.kind in ("rest", "keywords"):
            if any(q.kind == p.kind for q in kept.values()):
                continue
            p = Parameter(p.name, p.kind)
        optional = any(q.default for q in kept.values() if q.kind in ("positional", "either"))
        if optional and p.kind in ("positional", "either") and p.default is None:
            p = Parameter(p.name, p.kind, "1", p.annotation)
        kept.setdefault(p.name, p)
    return Signature(tuple(kept.values()))


@given(st.lists(parameters, max_size=7).map(in_order))
def test_a_signature_reads_back_as_it_was_written(signature: Signature) -> None:
    assert parse_signature(str(signature)) == signature


@given(
    st.lists(parameters, max_size=6).map(in_order), st.integers(0, 7), st.sets(st.sampled_from("abcdexyz"), max_size=3)
)
def test_a_call_fits_just_if_python_takes_it(signature: Signature, positional: int, keywords: set[str]) -> None:
    scope: dict[str, object] = {"torch": type("torch", (), {"float": 0})}
    unannotated = Signature(tuple(replace(p, annotation="") for p in signature.parameters))
    exec(f"def call{unannotated}: pass", scope)
    try:
        scope["call"](*[0] * positional, **dict.fromkeys(keywords, 0))  # type: ignore[operator]
    except TypeError:
        fits = False
    else:
        fits = True
    assert (unannotated.accepts(positional, sorted(keywords)) is None) == fits


def test_compiled_functions_also_take_numpys_names_and_sizes_unpacked() -> None:
    native = parse_signature("(input: Tensor, dim: int, keepdim: bool = False)", native=True)
    assert native.accepts(1, ["axis", "keepdims"]) is None
    assert native.accepts(2, ["axis"]) == Mismatch("twice", "axis")
    assert parse_signature("(size: ints)", native=True).accepts(3) is None
    assert parse_signature("(size: ints)").accepts(3) == Mismatch("too many", limit=1)


def test_tables_of_other_libraries_are_read_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINTML_CACHE_DIR", str(tmp_path))
    names.forget()
    assert names.exists("toy.Thing") is None
    folder = names.cache_folder()
    folder.mkdir(parents=True)
    (folder / "toy.txt").write_text("#lintml-names toy 1.0\n toy module 1.0:\ntoy Thing class 1.0:\n\t(a, b=1)\n")
    names.forget()
    try:
        assert names.exists("toy.Thing") is True
        assert names.exists("toy.thing") is False
        thing = lookup("toy.Thing")
        assert thing
        assert thing.mismatch(3) == Mismatch("too many", limit=2)
    finally:
        names.forget()
