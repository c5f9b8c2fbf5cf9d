"""What a fix claims is tried: kept claims pass, broken ones are refuted, and what cannot be tried says so."""

from collections.abc import Mapping
from textwrap import dedent

from verdicts import judge, page

from lintml import documents, pipeline
from lintml.config import Settings
from lintml.model import Claim, Verdict
from lintml.trials import Prover
from lintml.verify import Trial
from lintml.verify.judge.closure import needed


def tried(
    before: str,
    after: str,
    claim: Claim,
    subject: str = "",
    reference: str = "",
    witness: Mapping[str, int] | None = None,
) -> Verdict:
    """The verdict of a fix that changes the second snippet of a page."""
    return judge().try_fix(Trial(page(before), page(after), subject, 1, claim, reference, witness))


def edited(text: str, old: str, new: str) -> str:
    """``text`` with an edit that must apply."""
    assert old in text
    return text.replace(old, new)


RESIDUAL = dedent("""
    class Block(nn.Module):
        def __init__(self, inside, outside):
            super().__init__()
            self.one = nn.Linear(inside, outside)
            self.two = nn.Linear(inside, outside)

        def forward(self, x):
            return torch.relu(self.two(self.one(x)))
""")
WIDER = edited(RESIDUAL, "self.two = nn.Linear(inside, outside)", "self.two = nn.Linear(outside, outside)")


def test_a_repair_is_kept():
    found = tried(RESIDUAL, WIDER, Claim.REPAIRS, "Block")
    assert (found.subject, found.outcome, found.tier) == ("Block", "passed", "runs")


def test_a_repair_must_not_change_what_ran():
    found = tried(RESIDUAL, edited(WIDER, "self.two(", "-self.two("), Claim.REPAIRS, "Block")
    assert found.outcome == "failed"
    assert "values change where the old code ran" in found.reason


def test_a_repair_of_what_runs_is_none():
    found = tried(WIDER, WIDER, Claim.REPAIRS, "Block")
    assert found.outcome == "failed"
    assert "nothing to repair" in found.reason


def test_a_repair_that_still_fails_is_refuted():
    undefined = edited(WIDER, "torch.relu", "relu")
    found = tried(undefined, undefined + "\n", Claim.REPAIRS, "Block")
    assert found.outcome == "failed"
    assert found.error == ("NameError", "name 'relu' is not defined")


def test_a_repair_that_leaves_another_fault_is_undecided():
    first = edited(edited(WIDER, "torch.relu", "relu"), "nn.Linear(inside", "nn.Liner(inside")
    found = tried(first, edited(first, "nn.Liner", "nn.Linear"), Claim.REPAIRS, "Block")
    assert found.outcome == "skipped"
    assert "another one is left" in found.reason


def test_a_repair_that_still_needs_equal_sizes_is_refuted():
    skip = edited(RESIDUAL, "self.two(self.one(x))", "x + self.one(x)")
    found = tried(skip, edited(skip, "x + self.one(x)", "self.one(x) + x"), Claim.REPAIRS, "Block")
    assert found.outcome == "failed"
    assert "still needs" in found.reason
    assert tried(edited(skip, "torch.relu", "relu"), skip, Claim.REPAIRS, "Block").outcome == "passed"


def test_a_witness_sets_the_constructor_arguments():
    found = tried(RESIDUAL, WIDER, Claim.REPAIRS, "Block", witness={"inside": 5, "outside": 7})
    assert found.outcome == "passed"
    found = tried(RESIDUAL, WIDER, Claim.REPAIRS, "Block", witness={"inside": 5, "outside": 5})
    assert found.outcome == "failed"


def test_the_same_values_under_another_name():
    renamed = WIDER.replace("self.one", "self.first")
    assert tried(WIDER, renamed, Claim.SAME, "Block").outcome == "passed"


def test_other_values_are_not_the_same():
    found = tried(WIDER, edited(WIDER, "torch.relu", "torch.sigmoid"), Claim.SAME, "Block")
    assert found.outcome == "failed"
    assert "values change" in found.reason


NORM = dedent("""
    class Norm(nn.Module):
        def __init__(self, width, eps=1e-5):
            super().__init__()
            self.eps = eps
            self.gain = nn.Parameter(torch.ones(width))
            self.shift = nn.Parameter(torch.zeros(width))

        def forward(self, x):
            mean = x.mean(-1, keepdim=True)
            std = x.std(-1, keepdim=True)
            return self.gain * (x - mean) / (std + self.eps) + self.shift
""")
RIGHT_NORM = edited(
    edited(NORM, "std = x.std(-1, keepdim=True)", "var = x.var(-1, keepdim=True, unbiased=False)"),
    "(std + self.eps)",
    "torch.sqrt(var + self.eps)",
)


def test_a_change_that_reaches_its_reference():
    found = tried(NORM, RIGHT_NORM, Claim.CHANGES, "Norm", "torch.nn.functional.layer_norm")
    assert (found.outcome, found.tier, found.reference) == ("passed", "matches", "torch.nn.functional.layer_norm")
    assert found.worst is not None
    assert found.worst < 1e-14


def test_a_change_that_stays_short_of_its_reference():
    half = edited(NORM, "x.std(-1, keepdim=True)", "x.std(-1, keepdim=True, unbiased=False)")
    found = tried(NORM, half, Claim.CHANGES, "Norm", "torch.nn.functional.layer_norm")
    assert found.outcome == "failed"
    assert "does not match" in found.reason


def test_a_change_of_what_was_right_is_none():
    respelled = edited(
        RIGHT_NORM, "x.var(-1, keepdim=True, unbiased=False)", "(x - mean).pow(2).mean(-1, keepdim=True)"
    )
    found = tried(RIGHT_NORM, respelled, Claim.CHANGES, "Norm", "torch.nn.functional.layer_norm")
    assert found.outcome == "failed"
    assert "the old code matches" in found.reason


def test_a_change_that_restores_a_law():
    decoder = dedent("""
        class Decoder(nn.Module):
            def __init__(self, hidden, words):
                super().__init__()
                self.core = nn.LSTM(hidden, hidden)
                self.out = nn.Linear(hidden, words)
                self.normal = nn.LogSoftmax(dim=1)

            def forward(self, x, state):
                x, state = self.core(x, state)
                return self.normal(self.out(x)), state
    """)
    found = tried(decoder, edited(decoder, "dim=1", "dim=-1"), Claim.CHANGES, "Decoder")
    assert found.outcome == "passed"
    assert "rows sum to one" in found.laws


def test_a_law_can_be_named():
    head = dedent("""
        class Head(nn.Module):
            def __init__(self, width, classes):
                super().__init__()
                self.out = nn.Linear(width, classes)

            def forward(self, x):
                return torch.relu(self.out(x))
    """)
    found = tried(
        head, edited(head, "torch.relu(self.out(x))", "self.out(x)"), Claim.CHANGES, "Head", "logits are not clipped"
    )
    assert (found.outcome, found.laws) == ("passed", ("logits are not clipped",))


def test_a_change_without_reference_or_law_is_undecided():
    found = tried(WIDER, edited(WIDER, "torch.relu", "torch.sigmoid"), Claim.CHANGES, "Block")
    assert (found.outcome, found.tier) == ("skipped", "runs")


def test_a_tensor_made_on_the_wrong_device_is_repaired():
    drop = dedent("""
        class Drop(nn.Module):
            def __init__(self, p=0.5):
                super().__init__()
                self.p = p

            def forward(self, x):
                if not self.training:
                    return x
                return x * (torch.rand(x.size()) >= self.p) / (1 - self.p)
    """)
    found = tried(drop, edited(drop, "x.size()", "x.size(), device=x.device"), Claim.REPAIRS, "Drop")
    assert (found.outcome, found.tier, found.reference) == ("passed", "matches", "torch.nn.Dropout")
    assert tried(drop, edited(drop, ">=", "<"), Claim.REPAIRS, "Drop").outcome == "failed"


OPTIMIZER = dedent("""
    class Descent(optim.Optimizer):
        def __init__(self, params, lr=0.1, momentum=0.0, weight_decay=0.0, dampening=0.0):
            super().__init__(
                params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay, dampening=dampening)
            )

        @torch.no_grad()
        def step(self, closure=None):
            loss = None
            if closure is not None:
                with torch.enable_grad():
                    loss = closure()
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    change = p.grad
                    if group["weight_decay"]:
                        change = change.add(p, alpha=group["weight_decay"])
                    if group["momentum"]:
                        state = self.state[p]
                        if "buffer" not in state:
                            state["buffer"] = change.clone()
                        else:
                            state["buffer"].mul_(group["momentum"]).add_(change, alpha=1 - group["dampening"])
                        change = state["buffer"]
                    p.add_(change, alpha=-group["lr"])
            return loss
""")


def test_a_missing_default_is_repaired():
    broken = edited(OPTIMIZER, "dict(lr=lr, momentum=momentum, ", "dict(lr=lr, ")
    found = tried(broken, OPTIMIZER, Claim.REPAIRS, "Descent")
    assert (found.outcome, found.tier, found.reference) == ("passed", "matches", "torch.optim.SGD")


def test_a_parameter_without_gradient_is_repaired():
    broken = edited(OPTIMIZER, "if p.grad is None:\n                    continue\n                ", "")
    assert tried(broken, OPTIMIZER, Claim.REPAIRS, "Descent").outcome == "passed"


def test_a_step_that_forgets_its_loss_is_repaired():
    broken = edited(OPTIMIZER, "        return loss\n", "")
    assert tried(broken, OPTIMIZER, Claim.REPAIRS, "Descent").outcome == "passed"


def test_the_sign_of_a_momentum_update_is_put_right():
    broken = edited(OPTIMIZER, "alpha=1 - group", "alpha=-group")
    found = tried(broken, OPTIMIZER, Claim.CHANGES, "Descent", "torch.optim.SGD")
    assert (found.outcome, found.tier) == ("passed", "matches")
    assert tried(OPTIMIZER, broken, Claim.CHANGES, "Descent", "torch.optim.SGD").outcome == "failed"


def test_an_optimizer_that_steps_as_before_is_the_same():
    respelled = edited(OPTIMIZER, "p.add_(change, alpha=-group", "p.sub_(change, alpha=group")
    assert tried(OPTIMIZER, respelled, Claim.SAME, "Descent").outcome == "passed"
    assert tried(OPTIMIZER, edited(OPTIMIZER, "=-group", "=group"), Claim.SAME, "Descent").outcome == "failed"


SCHEDULE = dedent("""
    class Decay(optim.Optimizer):
        def __init__(self, optimizer, rate=0.1, every=10):
            super().__init__(optimizer.param_groups, optimizer.defaults)
            self.optimizer = optimizer
            self.rate = rate
            self.every = every
            self.count = 0

        def step(self):
            self.count += 1
            if self.count % self.every == 0:
                for group in self.optimizer.param_groups:
                    group["lr"] *= self.rate
""")


def test_a_wrapper_without_its_arguments_is_repaired():
    broken = edited(SCHEDULE, "super().__init__(optimizer.param_groups, optimizer.defaults)", "super().__init__()")
    found = tried(broken, SCHEDULE, Claim.REPAIRS, "Decay")
    assert (found.outcome, found.tier) == ("passed", "matches")
    assert found.reference == "torch.optim.lr_scheduler.StepLR"


def test_free_code():
    assert tried("y = nn.Conv2D(3, 5, 3)", "y = nn.Conv2d(3, 5, 3)", Claim.REPAIRS).outcome == "passed"
    assert tried("y = 3", "y = 3.0", Claim.REPAIRS).outcome == "failed"
    assert tried("y = torch.ones(3).sum()", "y = torch.tensor(3.0)", Claim.SAME).outcome == "passed"
    assert tried("y = torch.ones(3)", "y = torch.zeros(3)", Claim.SAME).outcome == "failed"


def test_code_that_did_not_parse():
    assert tried("def f(x):\nreturn x", "def f(x):\n    return x", Claim.REPAIRS, "f").outcome == "passed"


def test_what_the_document_leaves_to_the_reader_cannot_be_tried():
    found = tried("y = model.forward(batch)", "y = model(batch)", Claim.SAME)
    assert found.outcome == "skipped"
    assert "model" in found.reason


def test_the_subject_may_stand_in_a_later_snippet():
    first, user = (
        "def widen(x):\n    return F.reluu(x)\n",
        "class Net(nn.Module):\n    def forward(self, x):\n        return widen(x)",
    )
    before, after = page(first, user), page(edited(first, "reluu", "relu"), user)
    found = judge().try_fix(Trial(before, after, "Net", 1, Claim.REPAIRS))
    assert (found.outcome, found.snippet) == ("passed", 2)


def test_only_what_the_subject_needs_is_run():
    slow = "import time\ntime.sleep(60)"
    before, after = page(slow, RESIDUAL), page(slow, WIDER)
    assert judge().try_fix(Trial(before, after, "Block", 2, Claim.REPAIRS)).outcome == "passed"


def test_a_function_that_is_defined_further_down_is_there_for_the_trial():
    user = "class Net(nn.Module):\n    def forward(self, x):\n        return F.reluu(widened(x))"
    later = "def widened(x):\n    return torch.cat((x, x), -1)"
    before, after = page(user, later), page(edited(user, "reluu", "relu"), later)
    found = judge().try_fix(Trial(before, after, "Net", 1, Claim.REPAIRS))
    assert (found.outcome, found.tier) == ("passed", "runs")


def test_what_a_snippet_needs():
    blocks = page(
        "import os", "from math import *", "a = 1\nb = a", "class C: pass", "a = 2", "d = C()\ne = a", header=""
    ).blocks
    assert [block.index for block in needed(blocks, 5)] == [1, 3, 4, 5]
    assert [block.index for block in needed(blocks, 2)] == [1, 2]


OTHER_FAULT = "y = torch.ones(12).view(5, 5)\n"


def test_a_fix_does_not_answer_for_a_fault_beside_it():
    mended = "z = nn.Conv2d(3, 5, 3)\n"
    found = tried(OTHER_FAULT + "z = nn.Conv2D(3, 5, 3)\n", OTHER_FAULT + mended, Claim.REPAIRS)
    assert (found.outcome, found.tier) == ("passed", "runs")
    assert "another fault is left: RuntimeError: shape '[5, 5]'" in found.reason
    found = tried(OTHER_FAULT + "z = torch.ones(3).data", OTHER_FAULT + "z = torch.ones(3).detach()", Claim.SAME)
    assert (found.outcome, found.tier) == ("passed", "runs")


def test_a_fix_does_answer_for_what_it_changes_beside_another_fault():
    worse = tried(OTHER_FAULT + "z = torch.ones(3)", OTHER_FAULT + "z = torch.one(3)", Claim.SAME)
    assert worse.outcome == "failed"
    other = tried(OTHER_FAULT + "z = torch.ones(3)", OTHER_FAULT + "z = torch.zeros(3)", Claim.SAME)
    assert (other.outcome, other.reason) == ("failed", "the value of z changes")
    ran = tried(OTHER_FAULT + "z = nn.Conv2d(3, 5, 3)", OTHER_FAULT + "z = nn.Conv2d(3, 5, (3, 3))", Claim.REPAIRS)
    assert ran.outcome == "failed"


def test_a_fix_that_leaves_its_own_fault_is_refuted_though_the_fault_shows_elsewhere():
    before = "layer = nn.Linear(5, 2)\ny = layer(torch.ones(4, 3))\n"
    assert tried(before, edited(before, "5, 2", "5, 2, True"), Claim.REPAIRS).outcome == "failed"
    assert tried(before, edited(before, "5, 2", "3, 2"), Claim.REPAIRS).outcome == "passed"


LOOP = """
net = nn.Linear(3, 2)
steps = optim.SGD(net.parameters(), 0.1)
for _ in range(2):
    loss = net(torch.ones(4, 5)).sum()
    loss.backward()
    steps.step()
"""


def test_a_fix_behind_a_fault_of_the_same_loop_is_not_refused():
    for claim in (Claim.CHANGES, Claim.SAME, Claim.REPAIRS):
        found = tried(LOOP, edited(LOOP, "    loss.backward()", "    steps.zero_grad()\n    loss.backward()"), claim)
        assert (found.outcome, found.tier) == ("skipped", "parses")
        assert "another fault comes first" in found.reason


def test_an_import_behind_a_fault_is_not_refused():
    before = OTHER_FAULT + "z = G.relu(y)\n"
    found = tried(before, "import torch.nn.functional as G\n" + before, Claim.REPAIRS)
    assert (found.outcome, found.tier) == ("skipped", "parses")
    assert "another fault comes first" in found.reason


def test_a_fix_that_a_later_one_writes_over_is_tried_without_it():
    code = "import torch\nimport torch.nn.functional as F\nlogits = torch.randn(4, 3)\np = F.softmax(logits)\nloss = F.cross_entropy(p.data, torch.tensor([0, 1, 2, 0]))\n"
    document = documents.parse(f"```python\n{code}```\n", "page.md")
    with Prover() as prover:
        fixed = pipeline.fix(document, Settings(select=("LOS001", "LOS005", "GRD003")), unsafe=True, verify=prover)
    assert fixed.refused == ()
    outcomes = {each.code: verdict.outcome for each, verdict in fixed.verdicts}
    assert outcomes == {"LOS005": "passed", "GRD003": "passed", "LOS001": "skipped"}
    assert "p = logits" in fixed.after.text


def test_what_is_behind_a_fault_cannot_be_tried():
    before = OTHER_FAULT + "a = y + 1\nz = F.softmaxx(a)\n"
    found = tried(before, edited(before, "softmaxx", "relu"), Claim.REPAIRS)
    assert (found.outcome, found.tier) == ("skipped", "parses")
    assert found.reason == "needs 'y', whose own statement fails"
