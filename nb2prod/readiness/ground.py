"""A ground: one thing that criteria rest on, and what was seen of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nb2prod.readiness.known import Known, Pipeline


@dataclass(frozen=True, slots=True)
class Seen:
    """`holds`: None where it is not known. `text`: what was seen. `link`: a file or a tag. `at`: ISO 8601, of what was
    seen.
    """

    holds: bool | None
    text: str
    link: str = ""
    at: str = ""

    def sentence(self) -> str:
        """With where and when."""
        where = ", ".join(part for part in (self.link, self.at[:10]) if part)
        return f"{self.text} ({where})" if where else self.text


@dataclass(frozen=True, slots=True)
class Ground:
    """`what` holds, in words. `step`: what to do for it; `{notebook}`, `{folder}` and `{name}` are filled in.
    `parts`: of the subject, whose change makes it stale. `of_notebook`: it can be known before anything was
    converted.
    """

    key: str
    what: str
    step: str
    look: Callable[[Known], Seen]
    parts: tuple[str, ...] = ()
    of_notebook: bool = False

    def seen(self, known: Known) -> Seen:
        """What is known of it."""
        if known.pipeline is None and not self.of_notebook:
            return Seen(None, "")
        return self.look(known)

    def next_step(self, known: Known) -> str:
        """What to do for it, from where things are."""
        folder = known.pipeline.folder if known.pipeline else "pipeline"
        step = self.step.format(notebook=known.notebook, folder=folder, name=known.name)
        if known.pipeline is None and not self.of_notebook:
            return f"convert the notebook (`nb2prod convert {known.notebook}`); then {step}"
        return step


def of_pipeline(look: Callable[[Pipeline], Seen]) -> Callable[[Known], Seen]:
    """For what can only be seen of a pipeline."""

    def looked(known: Known) -> Seen:
        assert known.pipeline is not None  # `Ground.seen` asked
        return look(known.pipeline)

    return looked
