"""RUNBOOK.md: what somebody does at night who has never seen this model."""

from __future__ import annotations

from nb2prod.contract.model import Contract
from nb2prod.release.binding import Binding
from nb2prod.release.card import owner, table
from nb2prod.release.names import short
from nb2prod.release.sections import section


def new_runbook(binding: Binding, contract: Contract) -> str:
    """A first runbook: the sections of facts, and headings for what only people can write."""
    facts = runbook_facts(binding, contract)
    return "\n\n".join(
        [
            f"# {binding.name}: what to do",
            "What stands between the marks is renewed with each release; everything else is yours.",
            "## Whom to call",
            section("owner", facts["owner"]),
            "## Go back to the version before",
            section("rollback", facts["rollback"]),
            "## Look",
            section("look", facts["look"]),
            "## What failure looks like",
            section("failure", facts["failure"]),
            "*What was seen so far, and what helped: yours to write.*",
            "## Make and release a new version",
            section("release", facts["release"]),
            "## Take it out of service",
            section("retire", facts["retire"]),
            "",
        ]
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
