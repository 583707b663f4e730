"""The pipeline's own artifacts, read as its stages read them. A pickle only after its digest was compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nb2prod_worker.model import unpickled, verified
from nb2prod_worker.told import Told


def read_artifact(path: Path, model: dict[str, Any]) -> Any:
    """A frame, a series, an array or a plain value. Raises Told."""
    import pandas as pd

    digests = model["digests"].get(str(path), {})
    is_pickle = path.suffix in (".pkl", ".joblib")
    data = verified(path, digests, is_pickle)
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".csv":
        return pd.read_csv(path)
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8"))
    if path.suffix == ".npy":
        import numpy as np

        return np.load(path, allow_pickle=False)
    if is_pickle and digests:
        return unpickled(str(path), data)
    raise Told(f"{path} is of no kind that is read here", "name an artifact of the pipeline")
