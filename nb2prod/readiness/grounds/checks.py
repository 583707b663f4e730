"""What `check` finds in the notebook as it is now."""

from __future__ import annotations

from collections.abc import Callable

from nb2prod.readiness.ground import Ground, Seen
from nb2prod.readiness.known import Known

_MOST = 2


def _clean(*codes: str, but: str = "", of: str) -> Callable[[Known], Seen]:
    """Whether no finding has a code that begins with one of `codes`."""

    def look(known: Known) -> Seen:
        if known.findings is None:
            return Seen(None, f"{known.notebook} cannot be checked: {known.unread}")
        found = [one for one in known.findings if one.code.startswith(codes) and one.code != but]
        if not found:
            return Seen(True, f"check finds nothing about {of}", known.notebook, known.now)
        shown = ", ".join(f"{one.code} {one.sentence}" for one in found[:_MOST])
        more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
        return Seen(False, f"check finds {shown}{more}", known.notebook, known.now)

    return look


def _ground(key: str, what: str, rules: str, look: Callable[[Known], Seen]) -> Ground:
    step = f"mend what `nb2prod check {{notebook}} --select {rules}` finds, or ignore a finding there with its reason"
    return Ground(key, what, step, look, of_notebook=True)


GROUNDS = (
    _ground(
        "check.order",
        "`check` finds nothing that breaks when the notebook runs from top to bottom (NB1)",
        "NB1",
        _clean("NB1", of="the order of its cells"),
    ),
    _ground(
        "check.determinism",
        "`check` finds nothing that gives another result each time (NB2)",
        "NB2",
        _clean("NB2", of="what varies from run to run"),
    ),
    _ground(
        "check.environment",
        "`check` finds nothing that another machine does not have (NB3)",
        "NB3",
        _clean("NB3", of="what another machine lacks"),
    ),
    _ground(
        "check.secrets",
        "`check` finds no secret and no unsafe pickle (NB401 to NB403)",
        "NB401,NB402,NB403",
        _clean("NB4", but="NB404", of="secrets and pickles"),
    ),
    _ground(
        "check.leakage",
        "`check` finds no leakage (NB5)",
        "NB5",
        _clean("NB5", of="leakage"),
    ),
    _ground(
        "check.skew",
        "`check` finds nothing that prediction would do otherwise than training (NB6)",
        "NB6",
        _clean("NB6", of="skew"),
    ),
)
