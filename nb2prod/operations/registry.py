"""The repository and the pipeline that a verb of production means: its names, its tags, what hides some of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nb2prod.adapters import git, remotes, tags
from nb2prod.errors import OutsideError, Refused, UsageError
from nb2prod.operations.project import MANIFEST, read_manifest
from nb2prod.release.ledger import Ledger, Tag, ledger, pipelines

SHALLOW = (
    "this is a shallow clone: tags, and so versions and deployments, may be hidden; `git fetch --unshallow --tags` "
    "brings them"
)


@dataclass(frozen=True, slots=True)
class Registry:
    """One pipeline's history in one repository. `notes`: what a reader should know of it."""

    top: Path
    ledger: Ledger
    remote: str | None
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The pipeline's."""
        return self.ledger.name


def repository(folder: Path) -> Path:
    """The repository that holds `folder`. Raises UsageError where there is none."""
    top = git.root(folder)
    if top is None:
        raise UsageError(
            f"{folder} is in no git repository: versions and deployments are git's tags",
            hint="git init; git add -A; git commit",
        )
    return top


def open_registry(folder: Path, name: str | None = None, *, fetch: bool = False) -> Registry:
    """The history of the pipeline called `name`; of the only one where it is None.

    `fetch`: ask the remote first, before something is decided on it. Raises UsageError for a name that has no history
    and is no pipeline here, OutsideError for a shallow clone whose tags cannot be had.
    """
    top = repository(folder)
    remote = remotes.remote_of(top)
    notes = _fetched(top, remote) if fetch and remote else ()
    shallow = tags.is_shallow(top)
    if shallow and fetch and (remote is None or any("did not answer" in note for note in notes)):
        raise OutsideError("this is a shallow clone, and its remote did not answer", hint=SHALLOW)
    found = tags.read_tags(top)
    notes += (SHALLOW,) if shallow and not fetch else ()
    chosen = name or _only(top, folder, found, shallow)
    return Registry(top, ledger(chosen, found), remote, notes)


def _fetched(top: Path, remote: str) -> tuple[str, ...]:
    done = remotes.fetch_tags(top, remote)
    if done.clashes:
        raise OutsideError(
            f"the tag {done.clashes[0]} is another one at {remote} than here: two clones wrote it without seeing each "
            "other",
            hint=f"look at both: git show {done.clashes[0]}; git ls-remote --tags {remote}; then keep theirs: "
            f"git tag -d '{done.clashes[0]}'; git fetch {remote} --tags",
        )
    return (
        () if done.reached else (f"the remote {remote} did not answer, its newest tags are not known: {done.problem}",)
    )


def _only(top: Path, folder: Path, found: Iterable[Tag], shallow: bool) -> str:
    here = _here(folder, top)
    names = here or pipelines(found)
    if len(names) == 1:
        return names[0]
    if not names:
        raise UsageError(
            f"{top} has neither a pipeline nor a version of one",
            hint=SHALLOW if shallow else "make one with `nb2prod convert NOTEBOOK`, then `nb2prod release`",
        )
    raise UsageError(f"there are several pipelines: {', '.join(names)}", hint="name one of them")


def pipeline_folders(top: Path) -> dict[str, Path]:
    """Name → folder of the pipelines that git tracks."""
    return dict(_pipelines(top))


def check_alone(top: Path, name: str) -> None:
    """Raises Refused where several of the repository's pipelines have that name: one history for both."""
    folders = [str(folder.relative_to(top)) for one, folder in _pipelines(top) if one == name]
    if len(folders) > 1:
        raise Refused(
            f"{' and '.join(folders)} are both called {name}: nobody could tell their versions apart",
            hint="a pipeline is called after its notebook: rename one, and convert it again; or remove the copy",
        )


def _pipelines(top: Path) -> list[tuple[str, Path]]:
    paths = tags.git(top, "ls-files", "-z", "--", f":(glob)**/{MANIFEST}").stdout.split("\0")
    return [(name, (top / path).parent) for path in paths if path and (name := _named((top / path).parent))]


def _here(folder: Path, top: Path) -> tuple[str, ...]:
    """The names of the pipeline in this folder, or of those in the repository."""
    own = _named(folder)
    return (own,) if own else tuple(pipeline_folders(top))


def _named(folder: Path) -> str | None:
    found = read_manifest(folder)
    return str(found["package"]) if found else None
