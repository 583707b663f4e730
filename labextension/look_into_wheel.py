"""What the wheel ships of the panel: small, whole, nothing that only its making needed. `look_into_wheel.py WHEEL`."""

from __future__ import annotations

import sys
import zipfile

MOST_BYTES = 300_000
PLACE = ".data/data/share/jupyter/labextensions/nb2prod/"


def main(wheel: str) -> None:
    """Exits with a sentence where something is wrong."""
    infos = zipfile.ZipFile(wheel).infolist()
    ours = {one.filename.partition(PLACE)[2]: one.file_size for one in infos if PLACE in one.filename}
    names = [one.filename for one in infos]
    wrong = [name for name in names if name.endswith((".map", ".log", "build_log.json", ".tsbuildinfo"))]
    wrong += [name for name in names if name.startswith("nb2prod/labextension") or "node_modules" in name]
    if wrong:
        sys.exit(f"does not belong into the wheel: {', '.join(wrong)}")
    missing = {"package.json", "install.json", "schemas/nb2prod/panel.json"} - ours.keys()
    if missing or not any(name.startswith("static/remoteEntry.") for name in ours):
        sys.exit(f"is missing in the wheel: {', '.join(missing) or 'the bundle'}")
    total = sum(ours.values())
    if total > MOST_BYTES:
        sys.exit(f"the bundle has {total} bytes, more than {MOST_BYTES}")
    print(f"the wheel holds the panel once: {len(ours)} files, {total} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
