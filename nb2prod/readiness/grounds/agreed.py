"""What people have said in `production.yaml`."""

from __future__ import annotations

from collections.abc import Callable

from nb2prod.contract.model import Contract
from nb2prod.readiness.ground import Ground, Seen, of_pipeline
from nb2prod.readiness.known import Known, Pipeline

Answer = tuple[bool | None, str]


def _said(answer: Callable[[Contract], Answer]) -> Callable[[Known], Seen]:
    def look(pipeline: Pipeline) -> Seen:
        file = pipeline.contract_file
        if pipeline.contract is None or file is None:
            return Seen(None, "there is no production.yaml yet")
        return Seen(*answer(pipeline.contract), file.path, file.at)

    return of_pipeline(look)


def _text(key: str, value: str | None) -> Answer:
    return (True, f"{key}: {value}") if value and value.strip() else (None, f"nobody has answered `{key}`")


def _all(*answers: Answer) -> Answer:
    """What is open, or else all that was said."""
    missing = [text for holds, text in answers if not holds]
    if missing:
        return (False if any(holds is False for holds, _ in answers) else None), ", ".join(missing)
    return True, ", ".join(text for _, text in answers)


def _consumers(contract: Contract) -> Answer:
    if not contract.consumers:
        return None, "nobody has answered `consumers`"
    formless = [one.who for one in contract.consumers if not one.form]
    if formless:
        return None, f"nobody has said in which form {', '.join(formless)} gets it"
    return True, "used by " + ", ".join(f"{one.who} ({one.form})" for one in contract.consumers)


def _form(contract: Contract) -> Answer:
    """A decision that is taken from a score needs to know of which label, and from where on."""
    output = contract.output
    if output.form is None:
        return None, "nobody has answered `output.form`"
    if output.form == "decision" and contract.model.kind == "classification" and output.threshold is None:
        return False, "it gives decisions, and no `output.threshold` says from which score on"
    at = f" from {output.threshold} on" if output.threshold is not None and output.form != "value" else ""
    return True, f"it gives a {output.form}{at}"


def _owner(contract: Contract) -> Answer:
    owner = contract.owner
    return _all(_text("owner.name", owner.name), _text("owner.contact", owner.contact))


def _personal_data(known: Known) -> Seen:
    """What is said, and whether the notebook agrees: a denial does not stand against what `check` finds."""
    seen = _said(_basis)(known)
    if known.pipeline is None or known.pipeline.contract is None or known.pipeline.contract.personal_data.present:
        return seen
    found = [one for one in known.findings or () if one.code == "NB404"]
    if not found:
        return seen
    return Seen(False, f"{seen.text}, and check finds NB404 {found[0].sentence}", known.notebook, known.now)


def _basis(contract: Contract) -> Answer:
    found = contract.personal_data
    if found.present is None:
        return None, "nobody has answered `personal_data.present`"
    if not found.present:
        return True, "it is said to use no personal data"
    missing = [name for name in ("legal_basis", "privacy_record") if not getattr(found, name)]
    if missing:
        return False, "there are personal data, without " + " and ".join(f"`personal_data.{name}`" for name in missing)
    return True, f"personal data: {found.legal_basis}, recorded in {found.privacy_record}"


def _cases(contract: Contract) -> Answer:
    cases = contract.gate.cases
    return (True, f"{len(cases)} behavioural cases") if cases else (None, "`gate.cases` names no behaviour")


def _slices(contract: Contract) -> Answer:
    slices = contract.gate.slices
    return (True, f"slices by {', '.join(slices)}") if slices else (None, "`gate.slices` names no column")


def _thresholds(contract: Contract) -> Answer:
    found = contract.monitoring
    if found.drift is None:
        return None, "nobody has answered `monitoring.drift`"
    return _all((True, f"drift from {found.drift} on"), _text("monitoring.alerts", found.alerts))


def _ground(key: str, what: str, asks: str, answer: Callable[[Contract], Answer]) -> Ground:
    return Ground(key, what, f"answer {asks} in {{folder}}/production.yaml", _said(answer))


GROUNDS = (
    _ground("contract.decision", "the decision is named", "`decision`", lambda one: _text("decision", one.decision)),
    _ground("contract.consumers", "each consumer is named, with the form it gets", "`consumers`", _consumers),
    _ground("contract.form", "the form of the output is said", "`output`", _form),
    _ground("contract.owner", "an owner and a contact are named", "`owner.name` and `owner.contact`", _owner),
    _ground(
        "contract.escalation",
        "it is said who is called next",
        "`owner.escalation`",
        lambda one: _text("owner.escalation", one.owner.escalation),
    ),
    _ground(
        "contract.failure", "it is said what failure looks like", "`failure`", lambda one: _text("failure", one.failure)
    ),
    _ground("contract.schedule", "the schedule is said", "`schedule`", lambda one: _text("schedule", one.schedule)),
    _ground(
        "contract.retrain",
        "it is said when it is trained again, and when it is retired",
        "`retrain` and `retire`",
        lambda one: _all(_text("retrain", one.retrain), _text("retire", one.retire)),
    ),
    _ground(
        "contract.oversight",
        "it is said who looks at single predictions",
        "`oversight`",
        lambda one: _text("oversight", one.oversight),
    ),
    Ground(
        "contract.personal_data",
        "personal data are denied, or have a legal basis and a record of the processing",
        "answer `personal_data` in {folder}/production.yaml",
        _personal_data,
    ),
    _ground("contract.cases", "behaviours that must hold are named", "`gate.cases`", _cases),
    _ground("contract.slices", "groups that must not get worse are named", "`gate.slices`", _slices),
    _ground(
        "contract.thresholds",
        "it is said from which drift on somebody is told, and who",
        "`monitoring.drift` and `monitoring.alerts`",
        _thresholds,
    ),
)
