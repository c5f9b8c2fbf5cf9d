"""Tries a fix of a module or function: both versions get the same weights and inputs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from lintml.model import Claim
from lintml.verify import Options, Trial
from lintml.verify.inputs.spec import Recipe
from lintml.verify.inputs.spec import tensors as leaves
from lintml.verify.judge import modules
from lintml.verify.judge.claims import Proof, Refuted, Side, still_fails
from lintml.verify.judge.comparing import same_tensors
from lintml.verify.judge.probe import Error, Failure, Given, Outputs, Probe, give
from lintml.verify.laws import LAWS, applicable

# Old code that runs at all does so for equal sizes or one rank more or less, which is found at once.
_TRIES_OF_OLD = 40
_DRAWS = ((0, 1.0), (1, 1e-2))
_DEVICE_LAW = "one device"


def prove(trial: Trial, before: Side, after: Side, options: Options) -> Proof:
    """The proof of the claim of a fix; raises Refuted."""
    return _Trial(trial, before, after, options).prove()


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that both versions are asked for."""

    recipe: Recipe
    seed: int
    scale: float
    train: bool


class _Trial:
    def __init__(self, trial: Trial, before: Side, after: Side, options: Options) -> None:
        self._trial = trial
        self._options = options
        self._missing = before.error
        self._old = Probe(before.session, trial.snippet, trial.subject, before.kind or after.kind)
        self._new = Probe(after.session, trial.snippet, trial.subject, after.kind)

    def prove(self) -> Proof:
        recipes = self._new_recipes()
        self._smoke(recipes)
        match self._trial.claim:
            case Claim.SAME:
                self._unchanged(recipes, "the old code does not run")
            case Claim.REPAIRS:
                self._repaired(recipes)
            case Claim.CHANGES:
                return self._changed(recipes)
        judgement = self._judged(self._new, recipes)
        if judgement is not None and judgement.matches:
            return Proof("matches", judgement.reference, judgement.worst, reason=judgement.note)
        return Proof("runs")

    def _new_recipes(self) -> list[Recipe]:
        """Calls of the fixed code with distinct sizes: the witness, for which the old code is said to fail."""
        contract = self._trial.after.contract(self._trial.subject, self._trial.snippet)
        found = self._new.find(contract, self._trial.witness)
        if isinstance(found, Failure):
            if found.reason:
                raise Refuted("skipped", "parses", found.reason)
            if found.final:
                raise still_fails(self._old_error(), found.error, "parses")
            raise Refuted("skipped", "parses", "no inputs found that the fixed code runs with", found.error)
        if found[0].degenerate:
            raise Refuted("skipped", "parses", "the fixed code runs only with an axis of size 1")
        return found

    def _old_error(self) -> Error | None:
        """What the old code raises by itself, when it is looked for calls of its own."""
        if self._missing is not None:
            return self._missing
        found = self._old_recipes(self._trial.witness)
        return found.error if isinstance(found, Failure) else None

    def _old_recipes(self, witness: Mapping[str, int] | None) -> list[Recipe] | Failure:
        contract = self._trial.before.contract(self._trial.subject, self._trial.snippet)
        return self._old.find(contract, witness, _TRIES_OF_OLD)

    def _smoke(self, recipes: Sequence[Recipe]) -> None:
        error = self._new.smoke(recipes[0], self._options.device)
        if error is not None:
            raise still_fails(self._old_smoke(recipes[0]), error, "shapes")

    def _old_smoke(self, recipe: Recipe) -> Error | None:
        return self._missing or self._old.smoke(recipe, self._options.device)

    def _repaired(self, recipes: Sequence[Recipe]) -> None:
        if self._old_smoke(recipes[0]) is None and not self._device_repaired(recipes):
            needs = ", ".join(f"{one} == {two}" for one, two in recipes[0].equal)
            reason = f"still needs {needs}, for which the old code runs as well" if needs else ""
            raise Refuted("failed", "runs", reason or "the old code runs as well: there was nothing to repair")
        if self._missing is None:
            found = self._old_recipes(None)
            ran = [] if isinstance(found, Failure) or found[0].degenerate else found
            self._unchanged(ran, "")

    def _device_repaired(self, recipes: Sequence[Recipe]) -> bool:
        """Whether the old code mixes devices and the new does not, seen on a machine that may have but one."""
        new, old = (probe.laws(recipes, [_DEVICE_LAW]) for probe in (self._new, self._old))
        return any(not law.held for law in old) and all(law.held for law in new)

    def _unchanged(self, recipes: Sequence[Recipe], wrong: str) -> None:
        """The old code and the new give the same values; ``wrong`` is said of an old one that raises but may not."""
        if self._missing is not None:
            raise Refuted("failed", "parses", wrong, self._missing)
        shapes = {recipe: self._old.parameters(recipe) for recipe in recipes}
        calls = [call for recipe in recipes for call in self._calls(recipe)]
        given = {call: give(shapes[call.recipe], call.recipe, call.seed, call.scale) for call in calls}
        old = {call: self._old.run(call.recipe, given[call], call.train) for call in calls}
        names = {recipe: self._new.parameters(recipe) for recipe in recipes}
        for call, was in old.items():
            if was.error is None:
                weights = _renamed(given[call].weights, names[call.recipe])
                now = self._new.run(call.recipe, Given(weights, given[call].inputs), call.train)
                _hold(call, was, now)
            elif wrong:
                raise Refuted("failed", "runs", wrong, was.error)

    def _calls(self, recipe: Recipe) -> Iterator[_Call]:
        for seed, scale in _DRAWS:
            for train in (False, True) if self._new.kind == "module" else (False,):
                yield _Call(recipe, self._options.seed + seed, scale, train)

    def _changed(self, recipes: Sequence[Recipe]) -> Proof:
        wanted = self._trial.reference
        new = self._judged(self._new, recipes, wanted)
        laws = self._restored(recipes, wanted)
        old = self._old_judged(recipes, wanted)
        if new is not None and new.matches:
            if old is not None and old.matches and not laws:
                raise Refuted("failed", "matches", f"the old code matches {new.reference} as well")
            return Proof("matches", new.reference, new.worst, laws, new.note)
        if laws:
            return Proof("runs", laws=laws)
        if new is not None:
            raise Refuted("failed", "runs", f"the fixed code does not match {new.reference}: {new.note}")
        raise Refuted("skipped", "runs", "it runs; there is no reference and no law to hold it against")

    def _old_judged(self, recipes: Sequence[Recipe], wanted: str) -> modules.Judgement | None:
        if self._missing is not None or self._old.smoke(recipes[0], self._options.device) is not None:
            return None
        return self._judged(self._old, recipes, wanted)

    def _judged(self, probe: Probe, recipes: Sequence[Recipe], wanted: str = "") -> modules.Judgement | None:
        return modules.judge_calls(probe, recipes, self._options.seed, wanted)[1]

    def _applicable(self, recipes: Sequence[Recipe]) -> list[str]:
        seen = self._new.see(recipes)
        return [*applicable(seen.graph, seen.still), "examples are independent"] if seen is not None else []

    def _restored(self, recipes: Sequence[Recipe], wanted: str) -> tuple[str, ...]:
        """The laws that the old code broke and the new one keeps; none if the new one breaks what the old one kept."""
        only = [wanted] if wanted in LAWS else self._applicable(recipes)
        new = {law.name: law.held for law in self._new.laws(recipes, only)}
        if self._missing is not None:
            return ()
        old = {law.name: law.held for law in self._old.laws(recipes, only)}
        if any(old.get(name, False) and not held for name, held in new.items()):
            return ()
        return tuple(name for name, held in new.items() if held and old.get(name) is False)


def _renamed(weights: Mapping[str, torch.Tensor], names: Mapping[str, tuple[int, ...]]) -> Mapping[str, torch.Tensor]:
    """The old code's weights under the new code's names: the same names, else the same order and shapes.

    What only the new code has keeps the values that it starts with.
    """
    old = {name: tuple(weight.shape) for name, weight in weights.items()}
    if old != names and list(old.values()) == list(names.values()):
        return dict(zip(names, weights.values(), strict=True))
    return {name: weight for name, weight in weights.items() if names.get(name) == old[name]}


def _hold(call: _Call, was: Outputs, now: Outputs) -> None:
    if now.error is not None:
        raise Refuted("failed", "runs", "the fixed code raises where the old one ran", now.error)
    if not same_tensors(was.tensors, now.tensors):
        mode = "training" if call.train else "evaluation"
        shapes = [" x ".join(map(str, tensor.shape)) for _, spec in call.recipe.inputs for tensor in leaves(spec)]
        where = f"{mode} mode on inputs of {', '.join(shapes)}"
        raise Refuted("failed", "runs", f"values change where the old code ran: in {where}")
