"""Which version a deployment or a rollback puts in place, and on what; or why none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nb2prod.errors import Refused, UsageError
from nb2prod.release.binding import VERSION
from nb2prod.release.ledger import DEPLOY, ROLLBACK, Ledger, Release, told
from nb2prod.release.names import CHAMPION, deployment_tag, short


@dataclass(frozen=True, slots=True)
class Plan:
    """One tag to write. `replaces`: the champion's version until then."""

    name: str
    release: Release
    environment: str
    role: str
    action: str
    order: int
    replaces: int | None
    because: str | None = None
    percent: float | None = None

    @property
    def tag(self) -> str:
        """The tag's name; who creates it first has won."""
        return deployment_tag(self.name, self.environment, self.role, self.order)

    def message(self, at: str, by: str, nb2prod: str, gate: Mapping[str, Any] | None) -> str:
        """The tag's text."""
        number = self.release.number
        line = f"{self.action} {self.name} {short(number)} in {self.environment}"
        line += f" as {self.role}" if self.role != CHAMPION else ""
        data = {
            "version": VERSION,
            "kind": "deployment",
            "name": self.name,
            "number": number,
            "environment": self.environment,
            "role": self.role,
            "action": self.action,
            "replaces": self.replaces,
            "because": self.because,
            "percent": self.percent,
            "gate": gate,
            "at": at,
            "by": by,
            "nb2prod": nb2prod,
        }
        because = f": {self.because}" if self.because else ""
        return f"{line}{' '.join(because.split(chr(10)))}\n\n{json.dumps(data, indent=1, sort_keys=True)}"


def deploy_plan(
    ledger: Ledger, number: int, environment: str, role: str, percent: float | None = None, because: str | None = None
) -> Plan | None:
    """The deployment of a version; None where it has that role there already.

    Raises UsageError for a version that is not there, Refused for one that no gate has passed.
    """
    release = _known(ledger, number)
    if release.passed is not True:
        raise Refused(
            f"{ledger.name} {short(number)} has not passed a gate of nb2prod's: its tag does not say so",
            hint="release it with `nb2prod release`",
        )
    champion = ledger.champion(environment)
    holders = [champion] if role == CHAMPION else [one for one in ledger.challengers(environment) if one.role == role]
    if any(one is not None and one.version == number and one.percent == percent for one in holders):
        return None
    if role != CHAMPION and champion is not None and champion.version == number:
        raise Refused(f"{short(number)} is the champion in {environment} already", hint="deploy another version beside")
    if role != CHAMPION and champion is None:
        raise Refused(
            f"{environment} has no champion that {short(number)} could be compared with", hint="deploy one first"
        )
    replaces = champion.version if champion is not None and role == CHAMPION else None
    return Plan(ledger.name, release, environment, role, DEPLOY, ledger.next_order, replaces, because, percent)


def rollback_plan(ledger: Ledger, environment: str, to: int | None, because: str | None) -> Plan:
    """Back to the champion before, or to an earlier one. Raises Refused where there is none."""
    champion = ledger.champion(environment)
    if champion is None:
        raise Refused(
            f"nothing of {ledger.name} is deployed in {environment}", hint="`nb2prod status` shows what is where"
        )
    if to is None:
        before = ledger.before(environment)
        if before is None or before.version is None:
            raise Refused(
                f"{told(champion.version)} is the first champion in {environment}: there is none to go back to",
                hint="name one with --to, or deploy another version",
            )
        to = before.version
    elif to not in {one.version for one in ledger.champions(environment)[:-1]} | _once(ledger, environment):
        _known(ledger, to)
        raise Refused(
            f"{short(to)} was never the champion in {environment}: that is a deployment, no rollback",
            hint=f"`nb2prod deploy {ledger.name}@{short(to)} --env {environment}`",
        )
    if to == champion.version:
        raise Refused(f"{short(to)} is the champion in {environment} already", hint="name another with --to")
    release = _known(ledger, to)
    return Plan(ledger.name, release, environment, CHAMPION, ROLLBACK, ledger.next_order, champion.version, because)


def _once(ledger: Ledger, environment: str) -> set[int | None]:
    """Whatever was the champion there at some time."""
    return {one.version for one in ledger.deployments if (one.environment, one.role) == (environment, CHAMPION)}


def _known(ledger: Ledger, number: int) -> Release:
    found = ledger.release(number)
    if found is None:
        there = ", ".join(short(one.number) for one in ledger.releases) or "no versions yet"
        raise UsageError(f"{ledger.name} has no version {short(number)}", hint=f"there are: {there}")
    return found
