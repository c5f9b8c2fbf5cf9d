"""Requests, options and verdicts as the lines of JSON that the command line and the judge exchange."""

from dataclasses import asdict
from typing import Any

from lintml.model import Claim, Verdict
from lintml.verify import Block, Meant, Options, Request, Trial
from lintml.verify.contract import Contract, Input, Parameter


def request_to_json(request: Request) -> dict[str, Any]:
    """``request`` as plain JSON data."""
    return {
        "blocks": [asdict(block) for block in request.blocks],
        "contracts": {name: asdict(contract) for name, contract in request.contracts.items()},
        "tries": list(request.tries),
        "meant": [asdict(meant) for meant in request.meant],
    }


def request_from_json(data: dict[str, Any]) -> Request:
    """The request that ``request_to_json`` wrote."""
    blocks = tuple(Block(**{**block, "requires": tuple(block["requires"])}) for block in data["blocks"])
    tries = tuple((text, row) for text, row in data["tries"])
    contracts = {name: contract_from_json(contract) for name, contract in data["contracts"].items()}
    return Request(blocks, contracts, tries, tuple(Meant(**meant) for meant in data["meant"]))


def contract_to_json(contract: Contract) -> dict[str, Any]:
    """``contract`` as plain JSON data."""
    return asdict(contract)


def contract_from_json(data: dict[str, Any]) -> Contract:
    """The contract that ``contract_to_json`` wrote."""
    return Contract(
        data["name"],
        data["kind"],
        tuple(Parameter(**parameter) for parameter in data["parameters"]),
        tuple(
            Input(one["name"], tuple(map(tuple, one["shapes"])), one["dtype"], one["below"]) for one in data["inputs"]
        ),
        tuple(data["conditions"]),
    )


def trial_to_json(trial: Trial) -> dict[str, Any]:
    """``trial`` as plain JSON data."""
    return {
        "before": request_to_json(trial.before),
        "after": request_to_json(trial.after),
        "subject": trial.subject,
        "snippet": trial.snippet,
        "claim": trial.claim.name,
        "reference": trial.reference,
        "witness": None if trial.witness is None else dict(trial.witness),
    }


def trial_from_json(data: dict[str, Any]) -> Trial:
    """The trial that ``trial_to_json`` wrote."""
    return Trial(
        request_from_json(data["before"]),
        request_from_json(data["after"]),
        data["subject"],
        data["snippet"],
        Claim[data["claim"]],
        data["reference"],
        data["witness"],
    )


def options_to_json(options: Options) -> dict[str, Any]:
    """``options`` as plain JSON data."""
    return asdict(options)


def options_from_json(data: dict[str, Any]) -> Options:
    """The options that ``options_to_json`` wrote."""
    return Options(**{**data, "references": tuple((name, place) for name, place in data["references"])})


def verdict_to_json(verdict: Verdict) -> dict[str, Any]:
    """``verdict`` as plain JSON data."""
    return asdict(verdict)


def verdict_from_json(data: dict[str, Any]) -> Verdict:
    """The verdict that ``verdict_to_json`` wrote."""
    error = data["error"]
    return Verdict(**{**data, "laws": tuple(data["laws"]), "error": None if error is None else (error[0], error[1])})
