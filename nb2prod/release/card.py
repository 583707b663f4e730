"""MODEL_CARD.md: what the model is for, what it was made of, how good it is and for whom, who answers for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nb2prod.contract.model import Contract
from nb2prod.release.binding import Binding
from nb2prod.release.names import release_tag, short

_UNSAID = "*nobody has said yet: see production.yaml*"


#: Headings and words that are people's, and the names of the sections of facts.
LAYOUT = (
    "version",
    "## Intended use",
    "use",
    "## Data",
    "data",
    "## How good it is",
    "metrics",
    "## For whom",
    "slices",
    "## Limits",
    "*What the model must not be used for, and where it is known to fail: yours to write.*",
    "limits",
    "## Who answers for it",
    "owner",
)


def card_facts(binding: Binding, contract: Contract) -> dict[str, str]:
    """Section → text."""
    return {
        "version": _version(binding),
        "use": _use(contract),
        "data": _data(binding, contract),
        "metrics": _metrics(binding),
        "slices": _slices(binding),
        "limits": _limits(contract),
        "owner": owner(contract),
    }


def _version(binding: Binding) -> str:
    approval = binding.approval
    by = "" if approval is None else f", approved by {approval.by}{'' if approval.signed else ' (unsigned)'}"
    lines = [
        f"Version {short(binding.number)} (`{release_tag(binding.name, binding.number)}`), released "
        f"{binding.at[:10]} by {binding.by}{by}.",
        f"Commit `{binding.commit[:12]}`, notebook `{binding.notebook}`, artifact `{binding.artifact.path}` "
        f"(SHA-256 `{(binding.artifact.sha256 or '')[:16]}…`).",
    ]
    return "\n".join(lines)


def _use(contract: Contract) -> str:
    consumers = "; ".join(f"{one.who} ({one.form})" if one.form else one.who for one in contract.consumers)
    rows = [
        ("Decision", contract.decision),
        ("Consumers", consumers),
        ("Answers", contract.output.form),
        ("Person decides between", _band(contract)),
        ("Oversight", contract.oversight),
    ]
    return table(rows)


def _band(contract: Contract) -> str:
    band = contract.output.review
    return f"scores {band[0]:g} and {band[1]:g}" if band else "no band of uncertainty is set"


def _data(binding: Binding, contract: Contract) -> str:
    personal = contract.personal_data
    said = None if personal.present is None else "yes" if personal.present else "no"
    if personal.present:
        columns, basis = ", ".join(personal.columns), personal.legal_basis
        said = f"yes: {columns or 'columns not named'}; {basis or 'no legal basis named'}"
    rows: list[tuple[str, str | None]] = [(f"`{one.path}`", f"MD5 `{one.md5}`") for one in binding.data]
    rows += [("Hold-out", contract.holdout.data), ("Training", contract.training.data), ("Personal data", said)]
    return table(rows)


def _metrics(binding: Binding) -> str:
    gate = binding.gate
    lines = [f"Gate: {gate.get('sentence', '')}.", ""]
    estimate, difference = gate.get("estimate"), gate.get("difference")
    if estimate:
        lines += [
            "| | value | interval |",
            "|---|---|---|",
            _row(gate.get("metric", ""), estimate),
            _row(f"better than {gate.get('against')} by", difference),
            "",
        ]
    lines += [f"- {one['name']}: {one['sentence']}" for one in gate.get("conditions", ())]
    lines += ["", "Of the pipeline itself:", ""] if binding.metrics else []
    lines += [f"- `{name}`: {_short(value)}" for name, value in sorted(binding.metrics.items())]
    return "\n".join(lines)


def _row(name: str, estimate: Mapping[str, Any] | None) -> str:
    if not estimate:
        return f"| {name} | | |"
    return f"| {name} | {_short(estimate['value'])} | {_short(estimate['low'])} to {_short(estimate['high'])} |"


def _slices(binding: Binding) -> str:
    found: Sequence[Mapping[str, Any]] = binding.gate.get("slices", ())
    if not found:
        return "No slices were asked for: `gate.slices` in production.yaml names the columns."
    metric = binding.gate.get("metric", "")
    lines = [
        f"| column | group | rows | {metric} | worse than {binding.gate.get('against')} by |",
        "|---|---|---|---|---|",
    ]
    for one in found:
        worse = "too few rows" if one["worse_by"] is None else _short(one["worse_by"])
        lines.append(f"| {one['column']} | {one['group']} | {one['rows']} | {_short(one['challenger'])} | {worse} |")
    return "\n".join(lines)


def _limits(contract: Contract) -> str:
    return table(
        [("Failure looks like", contract.failure), ("Trained again", contract.retrain), ("Retired", contract.retire)]
    )


def owner(contract: Contract) -> str:
    """Who is asked, and who next."""
    who = contract.owner
    return table([("Owner", who.name), ("Contact", who.contact), ("Escalation", who.escalation)])


def table(rows: Sequence[tuple[str, str | None]]) -> str:
    """Two columns; what nobody has said stands there as such."""
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value or _UNSAID} |" for name, value in rows)])


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else str(value)
