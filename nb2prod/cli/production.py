"""How the verbs of production are shown: versions, deployments, where each is, what made a prediction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from nb2prod.cli.plain import complain, say

if TYPE_CHECKING:
    from nb2prod.operations.deploying import Deployed
    from nb2prod.operations.history import History
    from nb2prod.operations.release import Released
    from nb2prod.operations.status import Environment, Standing, Status
    from nb2prod.release.trace import Trace


def show_notes(notes: tuple[str, ...]) -> None:
    """What a reader should know of the answer, on standard error: the answer may be read by a program."""
    for note in notes:
        complain(f"note: {note}")


def show_release(done: Released) -> None:
    """The version, and each condition of its gate."""
    show_notes(done.notes)
    binding = done.binding
    for one in binding.gate["conditions"]:
        say(f"  {one['name']}: {one['sentence']}")
    signed = "" if binding.approval is None or binding.approval.signed else ", unsigned"
    who = f", approved by {binding.approval.by}{signed}" if binding.approval else ""
    say(f"released {binding.name} {done.version} ({done.tag}, commit {binding.commit[:12]}{who})")


def show_deployed(done: Deployed, layout: str) -> None:
    """What is where now."""
    if _is_shown(done, layout):
        return
    what = f"{done.name} {done.version}"
    if done.tag is None:
        say(f"{what} is the {done.role} in {done.environment} already")
        return
    verb = "rolled back to" if done.action == "rollback" else "deployed"
    replaced = f", in place of {done.replaced}" if done.replaced else ""
    say(f"{verb} {what} in {done.environment} as {done.role}{replaced} ({done.tag})")


def show_status(found: Status, layout: str) -> None:
    """Environments, then versions."""
    if _is_shown(found, layout):
        return
    say(f"{found.name}")
    for one in found.environments:
        for line in _environment(one):
            say(line)
    for version in reversed(found.versions):
        gate = (version.gate or {}).get("sentence", "gate not known")
        say(f"  {version.version}  {_minute(version.at)}  {version.by}  commit {version.commit[:12]}  {gate}")


def _environment(one: Environment) -> list[str]:
    if one.champion is None:
        return [f"  {one.name}: nothing is deployed"]
    lines = [f"  {one.name}: {_standing(one.champion)}"]
    lines += [f"    gate: {one.champion.gate['sentence']}"] if one.champion.gate else []
    lines += [f"    {other.role}{_percent(other)}: {_standing(other)}" for other in one.challengers]
    counts = one.predictions_per_day
    lines += [f"    predictions: {counts[-1]['count']} on {counts[-1]['day']}"] if counts else []
    return lines


def _standing(one: Standing) -> str:
    ages = [
        f"{what} {age:.1f} days old"
        for what, age in (("model", one.model_age_days), ("data", one.data_age_days))
        if age is not None
    ]
    because = f" ({one.because})" if one.because else ""
    return f"{one.version} since {_minute(one.since)}, by {one.by}{because}{''.join(f', {age}' for age in ages)}"


def _percent(one: Standing) -> str:
    return f" {one.percent:g} %" if one.percent is not None else ""


def show_history(found: History, layout: str) -> None:
    """One line per event."""
    if _is_shown(found, layout):
        return
    if not found.events:
        say(f"{found.name}: nothing was released yet")
    for one in found.events:
        where = f" in {one.environment}" if one.environment else ""
        because = f": {one.because}" if one.because else ""
        say(f"{_minute(one.at)}  {one.kind:8}  {one.version}{where}  by {one.by}{because}")


def show_trace(found: Trace, layout: str) -> None:
    """Everything, one fact per line."""
    data = found.plain()
    if layout == "json":
        _show_json(data)
        return
    if found.prediction is not None:
        say("prediction")
        for key, value in found.prediction.items():
            say(f"  {key}: {value}")
    for line in _traced(data):
        say(line)


def _traced(data: Mapping[str, Any]) -> list[str]:
    model, code = data["model"], data["code"]
    lockfile = data["lockfile"] or {"path": "none", "hash": ""}
    approved = (
        f"{data['approved_by']}{'' if data['approval_signed'] else ', unsigned'}" if data["approved_by"] else "nobody"
    )
    deployed = (
        f"{data['deployed_at']} by {data['deployed_by']} in {data['environment']}" if data["deployed_at"] else "never"
    )
    return [
        f"model      {model['version']}  {model['artifact']}  {model['hash']}",
        f"code       commit {code['commit']}  {code['notebook']}",
        *(f"data       {one['path']}  {one['hash']}" for one in data["data"]),
        f"params     {json.dumps(data['params'], ensure_ascii=False)}",
        f"lockfile   {lockfile['path']}  {lockfile['hash']}",
        f"gate       {data['gate'].get('sentence', '')}",
        f"approved   {approved}",
        f"released   {data['released_at']} by {data['released_by']}",
        f"deployed   {deployed}",
    ]


def _is_shown(found: Deployed | Status | History, layout: str) -> bool:
    """The notes in any case; the whole record where it is asked for as JSON."""
    show_notes(found.notes)
    if layout == "json":
        _show_json(asdict(found))
    return layout == "json"


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")


def _show_json(data: Mapping[str, Any]) -> None:
    print(json.dumps({"version": 1, **data}, indent=2, ensure_ascii=False))
