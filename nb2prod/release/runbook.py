"""RUNBOOK.md: what somebody does at night who has never seen this model."""

from __future__ import annotations

from nb2prod.contract.model import Contract
from nb2prod.release.binding import Binding
from nb2prod.release.card import owner, table
from nb2prod.release.names import short

#: Headings and words that are people's, and the names of the sections of facts.
LAYOUT = (
    "## Whom to call",
    "owner",
    "## Go back to the version before",
    "rollback",
    "## Look",
    "look",
    "## What failure looks like",
    "failure",
    "*What was seen so far, and what helped: yours to write.*",
    "## Make and release a new version",
    "release",
    "## Take it out of service",
    "retire",
)


def runbook_facts(binding: Binding, contract: Contract) -> dict[str, str]:
    """Section → text."""
    name, place, pipeline = binding.name, contract.environments[0], binding.pipeline
    return {
        "owner": owner(contract),
        "rollback": _commands(
            f"nb2prod rollback {name} --env {place} --because 'what happened'",
            f"nb2prod rollback {name} --env {place} --to v1 --because 'what happened'   # to an earlier champion",
        )
        + "\n\nNo network is needed where the model is in the cache. The recent logged inputs are tried first; "
        "`--force` goes back all the same.",
        "look": _commands(
            f"nb2prod status {name}                # which version is where, since when, by whom",
            f"nb2prod history {name}               # everything that happened",
            f"nb2prod trace {name}@{short(binding.number)}             # what a version is made of",
            "nb2prod trace ID                      # what made one prediction",
        ),
        "failure": table(
            [
                ("Failure looks like", contract.failure),
                ("Rows that break the schema", _violations(contract)),
                ("Data may be old", _days(contract.monitoring.freshness_days)),
                ("Alerts go to", contract.monitoring.alerts),
            ]
        ),
        "release": _commands(
            f"nb2prod run {pipeline}                # make the outputs anew, then commit",
            f"nb2prod release {pipeline}            # the gate decides",
            f"nb2prod deploy {name}@vN --env {place}",
        )
        + f"\n\n{table([('Trained again', contract.retrain), ('Schedule', contract.schedule)])}",
        "retire": table([("Retired", contract.retire)]),
    }


def _violations(contract: Contract) -> str:
    stop = contract.validation.on_violation == "stop"
    return "the batch stops, nothing is predicted" if stop else "the rows are set aside, the others are predicted"


def _days(days: float | None) -> str | None:
    return None if days is None else f"at most {days:g} days"


def _commands(*lines: str) -> str:
    return "\n".join(["```sh", *lines, "```"])
