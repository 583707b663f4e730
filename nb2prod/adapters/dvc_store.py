"""What DVC keeps of a pipeline's outputs: in its cache, at its remote, and whether they come back from there."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nb2prod.adapters.files import md5_of, read_text
from nb2prod.errors import OutsideError, Refused


def status(folder: Path) -> dict[str, Any]:
    """What `dvc status` says of the pipeline's own stages. Raises OutsideError."""
    with _repository(folder) as repo:
        return dict(repo.status(targets=[str(folder / "dvc.yaml")]))


def push(folder: Path) -> None:
    """Send the outputs of the pipeline in `folder`, and DVC's data that it reads, to the remote.

    Raises Refused where there is no remote, OutsideError where it cannot be reached.
    """
    with _repository(folder) as repo:
        repo.push(targets=[str(folder / "dvc.yaml")], with_deps=True, run_cache=False)


def fetch_back(folder: Path) -> tuple[str, ...]:
    """Fetch all that into an empty cache and compare; the paths, relative to DVC's root, that did not come back whole.

    Raises Refused where there is no remote, OutsideError where it cannot be reached.
    """
    with tempfile.TemporaryDirectory(prefix="nb2prod-") as empty, _repository(folder, cache=empty) as repo:
        target = str(folder / "dvc.yaml")
        with contextlib.suppress(_missing()):
            repo.fetch(targets=[target], with_deps=True, run_cache=False)
        wanted = [out for stage in repo.stage.collect(target, with_deps=True) for out in stage.outs if out.use_cache]
        return tuple(
            Path(out.fspath).relative_to(repo.root_dir).as_posix()
            if Path(out.fspath).is_relative_to(repo.root_dir)
            else str(out.fspath)
            for out in wanted
            if not out.hash_info or not _is_whole(Path(empty) / "files" / "md5", str(out.hash_info.value))
        )


def bring(top: Path, md5: str, target: Path) -> None:
    """Copy the file with that MD5 to `target`: from the cache, else from the remote. `top`: DVC's root.

    Raises Refused where neither has it, or what they have is not it.
    """
    source = cached(top, md5)
    if source is None:
        _fetch(top, md5)
        source = cached(top, md5)
    if source is None:
        raise Refused(
            f"the file with MD5 {md5} is neither in DVC's cache nor at its remote",
            hint="`dvc pull` in a clone that has it, and `dvc push` from there",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    if md5_of(target) != md5:
        target.unlink()
        raise Refused(
            f"{source} was changed: its content is no longer the one with MD5 {md5}",
            hint="delete that file and run again: it is fetched anew from the remote",
        )


def is_cached(top: Path, md5: str) -> bool:
    """Whether it is here, so that nothing has to be fetched."""
    return cached(top, md5) is not None


def cached(top: Path, md5: str) -> Path | None:
    """The object in DVC's cache, if it is there."""
    path = _cache_of(top) / md5[:2] / md5[2:]
    return path if path.is_file() else None


def _cache_of(top: Path) -> Path:
    """Where the objects are; DVC is asked only where its configuration speaks of the cache."""
    texts = [read_text(top / ".dvc" / name) or "" for name in ("config", "config.local")]
    if not any("[cache]" in text for text in texts):
        return top / ".dvc" / "cache" / "files" / "md5"
    with _repository(top) as repo:
        return Path(str(repo.cache.local.path))


def _fetch(top: Path, md5: str) -> None:
    from dvc_data.hashfile.hash_info import HashInfo

    with _repository(top) as repo, contextlib.suppress(_missing()):
        repo.cloud.pull([HashInfo("md5", md5)])


@contextlib.contextmanager
def _repository(folder: Path, cache: str | None = None) -> Iterator[Any]:
    from dvc.config import NoRemoteError
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.CRITICAL)
    logging.getLogger("dvc_data").setLevel(logging.CRITICAL)
    try:
        with Repo(str(folder), config={"cache": {"dir": cache}} if cache else None) as repo:
            yield repo
    except NoRemoteError as error:
        raise Refused(
            "DVC has no remote: what only this machine has cannot be fetched back by anybody",
            hint="dvc remote add --default storage PATH-OR-URL, and commit .dvc/config",
        ) from error
    except DvcException as error:
        raise OutsideError(f"DVC: {error}", hint="see that the remote can be reached: `dvc status --cloud`") from error


def _missing() -> type[Exception]:
    from dvc.exceptions import FileTransferError

    found: type[Exception] = FileTransferError
    return found


def _is_whole(objects: Path, value: str) -> bool:
    """Whether an object is there with the content that its name says; a folder's files too."""
    path = objects / value[:2] / value[2:]
    if not path.is_file() or md5_of(path) != value.removesuffix(".dir"):
        return False
    if not value.endswith(".dir"):
        return True
    return all(_is_whole(objects, str(one["md5"])) for one in json.loads(path.read_text("utf-8")))
