"""The verdicts of whole pages: what is said of a class, of free code, and of a page that misbehaves."""

import subprocess
import sys

import pytest
from verdicts import judge, page, verdict, verdicts

from lintml.model import Verdict
from lintml.verify import Block, Contract, Options, Request, VerifyError, device_for, verify
from lintml.verify.contract import Input, Parameter

LINEAR = """
class Net(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.one = nn.Linear(width, classes)

    def forward(self, x):
        return torch.relu(self.one(x))
"""


def test_a_module_that_runs():
    found = verdict(LINEAR)
    assert (found.subject, found.outcome, found.tier, found.error) == ("Net", "passed", "runs", None)
    assert "gradient reaches every parameter" in found.laws


def test_rows_are_those_of_the_document():
    found = verdicts("x = 1\n\n\nclass Net(nn.Module):\n    pass\n")
    assert [one.row for one in found if one.subject == "Net"] == [10]


def test_names_flow_from_snippet_to_snippet():
    user = """
    class Two(nn.Module):
        def __init__(self, width, classes):
            super().__init__()
            self.net = Net(width, classes)

        def forward(self, x):
            return self.net(x)
    """
    assert verdict(LINEAR, user).outcome == "passed"


def test_a_later_class_of_the_same_name_leaves_the_earlier_one_whole():
    block = """
    class Block(nn.Module):
        def __init__(self, width):
            super(Block, self).__init__()
            self.one = nn.Linear(width, width)

        def forward(self, x):
            return self.one(x)
    """
    found = verdicts(block, block.replace("width, width", "width, 3"))
    assert [one.outcome for one in found] == ["passed", "passed"]


def test_a_missing_import_is_a_failure_of_what_stands_there():
    found = verdict(LINEAR, header="")
    assert (found.outcome, found.tier, found.error) == ("failed", "parses", ("NameError", "name 'nn' is not defined"))


def test_a_name_left_to_the_reader_is_none():
    found = verdict("loss = model(batch).sum()")
    assert found.outcome == "skipped"
    assert "'model'" in found.reason


def test_a_name_whose_own_statement_fails_is_not_left_to_the_reader():
    found = verdicts("y = torch.ones(12).view(5, 5)\nz = y + 1", "print(y)", "def f(x):\n    return x + z")
    assert [one.outcome for one in found] == ["failed", "skipped", "skipped"]
    assert [one.reason for one in found[1:]] == [
        "needs 'y', whose own statement fails",
        "needs 'z', whose own statement is not run",
    ]


def test_files_and_packages_are_nobodys_mistake():
    found = verdicts("data = open('missing.csv').read()", "import package_that_is_not_there as p", "y = p.load()")
    assert [one.outcome for one in found] == ["skipped"] * 3
    assert "package_that_is_not_there" in found[2].reason


def test_free_code_that_fails():
    found = verdict("layer = nn.Conv2D(3, 5, 3)")
    assert (found.subject, found.outcome) == ("<module>", "failed")
    assert found.error == ("AttributeError", "module 'torch.nn' has no attribute 'Conv2D'")


def test_definitions_after_free_code_that_fails_are_still_made():
    found = verdicts("y = model(3)\n" + LINEAR)
    assert {one.subject: one.outcome for one in found} == {"<module>": "skipped", "Net": "passed"}


def test_code_that_does_not_parse():
    found = verdict("def f(:\n    pass")
    assert (found.outcome, found.tier) == ("failed", None)
    assert found.error is not None
    assert found.error[0] == "SyntaxError"


def test_sizes_that_clash_inside_a_class_are_never_a_pass():
    clash = """
    class Net(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.one = nn.Linear(d, 3 * d)
            self.two = nn.Linear(d, d)

        def forward(self, x):
            return self.two(self.one(x))
    """
    assert verdict(clash).outcome != "passed"


def test_two_sizes_that_must_be_equal_are_said():
    residual = """
    class Net(nn.Module):
        def __init__(self, wide, narrow):
            super().__init__()
            self.one = nn.Linear(wide, narrow)

        def forward(self, x):
            return x + self.one(x)
    """
    found = verdict(residual)
    assert found.outcome == "passed"
    assert "needs wide == narrow" in found.reason


def test_what_runs_only_with_an_axis_of_one_does_not_pass():
    singleton = """
    class Net(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.one = nn.Linear(d, 1)

        def forward(self, x, memory):
            weights = torch.softmax(self.one(memory), dim=1)
            return torch.bmm(weights.unsqueeze(1), x.unsqueeze(2)).squeeze(2)
    """
    assert verdict(singleton).outcome != "passed"


ATTEND = """
class Attend(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)

    def forward(self, x):
        return torch.softmax(self.query(x) @ self.key(x), dim=-1)
"""
POOL = """
class Pool(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.score = nn.Linear(width, 1)

    def forward(self, x):
        weights = torch.softmax(self.score(x).squeeze(-1), dim=1)
        return (x * weights).sum(1)
"""


@pytest.mark.parametrize(("text", "axes"), [(ATTEND, (1,)), (POOL, (0, 1))])
def test_what_runs_only_where_the_steps_are_as_many_as_the_features_is_not_said_to_run(text, axes):
    found = verdict(text)
    assert (found.outcome, found.tier) == ("passed", "shapes")
    for axis in axes:
        assert f"runs only where x.size({axis}) == width" in found.reason


def test_the_same_with_the_axes_in_place_runs():
    assert verdict(ATTEND.replace("self.key(x)", "self.key(x).mT")).tier == "runs"
    assert verdict(POOL.replace("x * weights", "x * weights.unsqueeze(-1)")).reason == ""
    assert verdict("def scores(q, k):\n    return q @ k.mT").tier == "runs"


def test_a_product_of_what_is_called_like_a_number_is_one_of_matrices():
    found = verdict("def scores(q, k):\n    return q @ k")
    assert (found.outcome, found.tier) == ("passed", "runs")


def test_keys_and_values_of_different_lengths_do_not_end_the_process():
    found = verdict("def attend(q, k, v):\n    return F.scaled_dot_product_attention(q, k, v)")
    assert (found.outcome, found.tier) == ("passed", "matches")


def test_what_is_imported_from_the_package_around_it_is_nobodys_mistake():
    found = verdicts(
        "from .attention import Attend, scale",
        "class Block(nn.Module):\n    def forward(self, x):\n        return scale(x)",
    )
    assert [one.outcome for one in found] == ["skipped", "skipped"]
    assert {one.reason for one in found} == {"needs the package that it is a part of, which is not there"}


def test_what_needs_nothing_of_a_package_that_is_not_there_is_run():
    page_ = "import package_that_is_not_there as p\nrate = 0.5 * 2\ntable = p.table(3)\n\ndef scaled(x):\n    return x * rate\n\ndef looked_up(x):\n    return x * table\n"
    found = {one.subject: one for one in verdicts(page_)}
    assert [found[name].outcome for name in ("<module>", "scaled", "looked_up")] == ["skipped", "passed", "skipped"]
    assert "package_that_is_not_there" in found["looked_up"].reason


def test_what_uses_a_definition_that_fails_is_not_said_to_fail_itself():
    base = "class Base(nn.Modul):\n    pass\n\nclass Net(Base):\n    pass\n\ndef make(x):\n    return Base()(x)"
    found = verdicts(base)
    assert [one.outcome for one in found] == ["failed", "skipped", "skipped"]
    assert found[2].reason == "needs 'Base', whose own definition fails"


def test_what_only_another_device_has_is_nobodys_mistake():
    found = verdict("def capture(x):\n    return torch.get_device_module(x.device).graph(x)")
    assert (found.outcome, found.tier) == ("skipped", "parses")
    assert "torch.cpu has no 'graph'" in found.reason
    assert verdict("def capture(x):\n    return torch.cpu.grapf(x)").outcome == "failed"


DEFAULTS = """
class Embed(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.one = nn.Linear(width, width)

    def forward(self, x, places=None):
        if places is None:
            places = torch.zeros_like(self.table)
        return self.one(x) + places
"""


def test_what_runs_with_the_inputs_that_may_be_left_out_is_not_said_to_fail():
    found = verdict(DEFAULTS)
    assert (found.outcome, found.tier) == ("skipped", "parses")
    assert found.reason.startswith("fails unless it is given 'places': AttributeError")
    assert verdict(DEFAULTS.replace("+ places", "+ places + self.more")).outcome == "failed"


def test_a_configuration_gets_the_fields_that_are_asked_for_further_in():
    text = """
    class Inner(nn.Module):
        def __init__(self, config):
            super().__init__()
            self.one = nn.Linear(config.wide, config.narrow)
            self.drop = nn.Dropout(config.rate)

        def forward(self, x):
            return self.drop(self.one(x))

    class Outer(nn.Module):
        def __init__(self, config):
            super().__init__()
            self.inner = Inner(config)
            self.norm = nn.LayerNorm(config.narrow)

        def forward(self, x):
            return self.norm(self.inner(x))
    """
    assert [(one.outcome, one.tier) for one in verdicts(text)] == [("passed", "runs")] * 2
    keyed = text.replace("config.wide", "config['wide']").replace("config.narrow", "config['narrow']")
    keyed = keyed.replace("config.rate", "config['rate']")
    assert [(one.outcome, one.tier) for one in verdicts(keyed)] == [("passed", "runs")] * 2


def test_a_function_that_a_later_snippet_defines_is_there_when_it_is_called():
    user = "class Net(nn.Module):\n    def forward(self, x):\n        return widened(x)"
    found = verdicts(user, "def widened(x):\n    return torch.cat((x, x), -1)", "y = Net()(torch.ones(2, 3))")
    assert [(one.outcome, one.tier) for one in found] == [("passed", "runs")] * 3
    assert verdicts(user, "print(3)")[0].outcome == "failed"


def test_a_module_that_is_called_by_another_method_is_not_said_to_fail():
    found = verdict(
        "class Cell(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n        self.one = nn.Linear(width, width)\n\n    def step(self, x):\n        return self.one(x)"
    )
    assert (found.outcome, found.tier) == ("passed", "shapes")


@pytest.mark.parametrize("text", [
    "def decode(model, x):\n    model.eval()\n    return model.encoder(x)",
    "def surrogate(policy, action):\n    return policy.log_prob(action)",
])  # fmt: skip
def test_what_asks_more_of_its_inputs_than_can_be_made_up_is_nobodys_mistake(text):
    found = verdict(text)
    assert (found.outcome, found.tier) == ("skipped", "parses")
    assert found.reason.startswith("needs a")


def test_nothing_is_said_of_gradients_that_a_distribution_may_let_through():
    found = verdict(
        "class Actor(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n        self.body, self.value = nn.Linear(width, 4), nn.Linear(width, 1)\n\n    def forward(self, x):\n        return torch.distributions.Categorical(logits=self.body(x)), self.value(x)"
    )
    assert (found.outcome, found.reason) == ("passed", "")
    assert "gradient reaches every parameter" not in found.laws


def test_a_rank_for_which_the_code_asks_nothing_odd_is_preferred():
    rows = "class Head(nn.Module):\n    def __init__(self, width, out):\n        super().__init__()\n        self.net = nn.Sequential(nn.Linear(width, width), nn.BatchNorm1d(width), nn.Linear(width, out))\n\n    def forward(self, x):\n        return self.net(x)"
    assert (verdict(rows).tier, verdict(rows).reason) == ("runs", "")


def test_images_are_made_so_large_that_they_come_out_again_as_they_went_in():
    text = """
    class Hourglass(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.down = nn.ModuleList(nn.Conv2d(width, width, 3, stride=2, padding=1) for _ in range(3))
            self.up = nn.ModuleList(nn.ConvTranspose2d(2 * width, width, 2, stride=2) for _ in range(3))
            self.first = nn.ConvTranspose2d(width, width, 2, stride=2)

        def forward(self, x):
            kept = [x]
            for layer in self.down:
                kept.append(layer(kept[-1]))
            y = torch.cat((kept[2], self.first(kept[3])), 1)
            y = torch.cat((kept[1], self.up[0](y)), 1)
            return torch.cat((kept[0], self.up[1](y)), 1)
    """
    assert (verdict(text).outcome, verdict(text).tier) == ("passed", "runs")


def test_a_query_without_steps_beside_keys_that_have_some():
    text = """
    class Additive(nn.Module):
        def __init__(self, query, key, hidden):
            super().__init__()
            self.wq, self.wk, self.v = nn.Linear(query, hidden), nn.Linear(key, hidden), nn.Linear(hidden, 1)

        def forward(self, query, keys, mask):
            scores = self.v(torch.tanh(self.wq(query).unsqueeze(1) + self.wk(keys))).squeeze(-1)
            weights = scores.masked_fill(~mask, float("-inf")).softmax(dim=-1)
            return torch.bmm(weights.unsqueeze(1), keys).squeeze(1)
    """
    assert verdict(text).outcome == "passed"


def test_a_missing_name_inside_forward_is_a_failure():
    forgets = LINEAR.replace("torch.relu", "relu")
    assert verdict(forgets).error == ("NameError", "name 'relu' is not defined")


def test_a_call_with_too_few_arguments_inside_a_class_is_a_failure():
    inner = """
    class Inner(nn.Module):
        def forward(self, x, mask):
            return x * mask

    class Outer(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = Inner()

        def forward(self, x):
            return self.inner(x)
    """
    found = verdict(inner)
    assert found.outcome == "failed"
    assert found.error is not None
    assert "mask" in found.error[1]


def test_backward_is_run_too():
    in_place = """
    class Net(nn.Module):
        def __init__(self, d):
            super().__init__()
            self.one = nn.Linear(d, d)

        def forward(self, x):
            y = torch.exp(self.one(x))
            y += 1
            return y
    """
    found = verdict(in_place)
    assert (found.outcome, found.tier) == ("failed", "shapes")


@pytest.mark.parametrize(
    ("snippet", "kind"),
    [
        ("while True:\n    pass", "TimedOut"),
        ("import os\nos._exit(0)", "Died"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "Died"),
    ],
)
def test_a_snippet_that_ends_its_process_costs_only_itself(snippet, kind):
    request = page(snippet, LINEAR)
    (found,) = verify([request], Options(timeout=5.0 if kind == "TimedOut" else 60.0))
    by_snippet = {one.snippet: one for one in found}
    assert by_snippet[1].outcome == "failed"
    assert by_snippet[1].error is not None
    assert by_snippet[1].error[0] == kind
    assert by_snippet[2].outcome == "passed"


def test_a_block_that_must_not_run_is_skipped_with_its_reason():
    request = Request((Block("import torch", 0, 1), Block("1 / 0", 1, 4, execute="told not to")))
    (found,) = verify([request], Options())
    assert [(one.outcome, one.reason) for one in found][1] == ("skipped", "told not to")


def test_the_same_seed_gives_the_same_verdicts():
    def told() -> list[tuple[object, ...]]:
        def key(one: Verdict) -> tuple[object, ...]:
            return (one.subject, one.outcome, one.tier, one.reference, one.worst, one.laws, one.reason)

        return [key(one) for one in verdicts(LINEAR, "class D(nn.Dropout): pass")]

    assert told() == told()


def test_a_device_that_is_not_there_is_one_clear_error():
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    with pytest.raises(VerifyError, match="device 'cuda' is not available"):
        device_for("cuda")
    assert device_for("auto") in ("cpu", "mps")


def test_the_command_line_side_does_not_import_torch():
    program = "import sys, lintml.verify, lintml.verify.client; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout.strip() == "False"


def test_a_dataset_is_asked_for_an_item():
    data = """
    class Numbers(torch.utils.data.Dataset):
        def __init__(self, count):
            self.values = torch.arange(count)

        def __len__(self):
            return len(self.values)

        def __getitem__(self, index):
            return self.values[index]
    """
    assert verdict(data).outcome == "passed"
    assert verdict(data.replace("self.values[index]", "self.labels[index]")).outcome == "failed"


def test_the_document_may_say_what_to_try():
    request = page(LINEAR)
    tries = ("Net(3, 5)(torch.randn(2, 3))", "Net(3, 5)(torch.randn(2, 4))")
    found = judge().verify(Request(request.blocks, tries=tuple((text, 7) for text in tries)))
    assert {one.row for one in found if one.subject in tries} == {7}
    assert {one.subject: one.outcome for one in found if one.subject in tries} == {
        tries[0]: "passed",
        tries[1]: "failed",
    }


def test_a_contract_gives_the_inputs():
    net = """
    class Net(nn.Module):
        def forward(self, x):
            assert x.shape[0] == 4 and x.shape[1] == 9
            return x + 1
    """
    assert verdict(net).outcome == "skipped"
    known = Contract("Net", inputs=(Input("x", (("4", "9"),)),))
    assert verdict(net, contracts={"Net": known}).outcome == "passed"


def test_a_contract_that_is_wrong_does_no_harm():
    inputs = (Input("x", (("b", "c", "width"),), "index", "classes"),)
    parameters = (Parameter("width", "float"), Parameter("classes", "size"))
    wrong = Contract("Net", "module", parameters, inputs, ("width % classes == 0", "not python at all"))
    assert verdict(LINEAR, contracts={"Net": wrong}).outcome == "passed"
