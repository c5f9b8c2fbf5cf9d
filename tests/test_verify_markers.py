"""What a document says of how it is to be run, and what becomes of code that rests on code that does not run."""

from textwrap import dedent

from verdicts import judge

from lintml import documents, pipeline, trials
from lintml.config import Settings
from lintml.model import Verdict


def verdicts(text: str) -> list[Verdict]:
    document = documents.parse(dedent(text), "page.md")
    (page,) = pipeline.pages_of(document)
    return judge().verify(trials.request(page))


HIDDEN = """\
    <!-- lintml: setup
    import torch
    from torch import nn
    width = 8
    -->
    ```python
    class Net(nn.Module):
        def forward(self, x):
            return x * width
    ```
    """


def test_hidden_code_sets_a_page_up_and_is_not_shown():
    (net,) = verdicts(HIDDEN)
    assert (net.subject, net.outcome, net.row) == ("Net", "passed", 7)
    assert pipeline.check(documents.parse(dedent(HIDDEN), "page.md"), Settings()).diagnostics == ()


def test_hidden_code_that_fails_is_shown():
    hidden, net = verdicts(HIDDEN.replace("width = 8", "width = torch.nothing"))
    assert (hidden.outcome, hidden.error and hidden.error[0]) == ("failed", "AttributeError")
    assert net.outcome != "passed"


def test_what_a_snippet_requires_keeps_it_from_running_where_that_is_missing():
    found = verdicts(
        """\
        <!-- lintml: requires cuda -->
        ```python
        import torch
        there = torch.ones(2).cuda()
        ```

        ```python
        print(there + 1)
        ```

        <!-- lintml: requires no_such_package -->
        ```python
        1 / 0
        ```

        <!-- lintml: requires torch -->
        ```python
        1 / 0
        ```
        """
    )
    assert [(each.outcome, each.row) for each in found] == [
        ("skipped", 3),
        ("skipped", 8),
        ("skipped", 13),
        ("failed", 18),
    ]
    assert [each.reason for each in found[:3]] == [
        "requires cuda",
        "needs 'there', which the code on row 3 would bind; that is not run: requires cuda",
        "requires no_such_package",
    ]


def test_code_that_rests_on_code_that_was_ended_is_nobodys_mistake():
    ended, after, other = verdicts(
        """\
        ```python
        import os
        made = 3
        os._exit(0)
        ```

        ```python
        made + 1
        ```

        ```python
        undefined + Thing
        ```
        """
    )
    assert (ended.outcome, ended.error and ended.error[0]) == ("failed", "Died")
    assert (after.outcome, after.reason) == ("skipped", "needs 'made', which code binds that was ended (Died)")
    assert other.outcome == "skipped"


def test_a_call_to_try_may_stand_below_the_last_block():
    *_, good, bad = verdicts(
        """\
        ```python
        import torch
        def double(x):
            return x * 2
        ```

        <!-- lintml: try double(torch.ones(2)) -->
        <!-- lintml: try double(torch.nothing) -->
        """
    )
    assert (good.subject, good.outcome, good.row) == ("double(torch.ones(2))", "passed", 7)
    assert (bad.subject, bad.outcome, bad.row) == ("double(torch.nothing)", "failed", 8)


def test_a_training_loop_gets_a_loader_that_knows_its_dataset():
    (found,) = verdicts(
        """\
        ```python
        def train(model, loader, optimizer, loss_fn):
            total = 0.0
            for x, y in loader:
                optimizer.zero_grad()
                loss = loss_fn(model(x), y)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(x)
            return total / len(loader.dataset)
        ```
        """
    )
    assert (found.subject, found.outcome) == ("train", "passed")
