"""`dvc.lock`, edited where only the text of a stage's code changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from nb2prod.adapters.files import read_text, write_text


def relock(folder: Path, changed: Mapping[str, tuple[str, str]]) -> bool:
    """Record that stages hold for other text of the same code; whether the file changed.

    `changed`: path as `dvc.yaml` names it → (text before, text now). Nothing else in the lock is touched: what was out
    of date stays out of date. A stage that was run with yet another text is left alone.
    """
    text = read_text(folder / "dvc.lock")
    if text is None or not changed:
        return False
    from dvc.utils.serialize import dumps_yaml, parse_yaml_for_update

    document = parse_yaml_for_update(text, "dvc.lock")
    for stage in document.get("stages", {}).values():
        for entry in stage.get("deps", ()):
            before, now = changed.get(str(entry["path"]), ("", ""))
            if before and entry.get("hash") == "md5" and entry["md5"] == _md5(before):
                entry["md5"], entry["size"] = _md5(now), len(now.encode("utf-8"))
    new = dumps_yaml(document)
    write_text(folder / "dvc.lock", new)
    return bool(new != text)


def cached(folder: Path, top: Path | None) -> dict[Path, Path]:
    """The files that the lock of the pipeline in `folder` names as outputs → their objects in DVC's own cache."""
    text = read_text(folder / "dvc.lock") if top else None
    if top is None or text is None:
        return {}
    from dvc.utils.serialize import parse_yaml

    stages = parse_yaml(text, "dvc.lock").get("stages", {}).values()
    outs = {str(out["path"]): str(out.get("md5", "")) for stage in stages for out in stage.get("outs", ())}
    files = top / ".dvc" / "cache" / "files" / "md5"
    return {(folder / path).resolve(): files / md5[:2] / md5[2:] for path, md5 in outs.items() if md5}


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()
