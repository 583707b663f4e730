"""Score held-out rows with a model, in the interpreter of the notebook's kernel. Imports nothing of nb2prod's.

    python scoring.py REQUEST.json ANSWER.json

1. Read the hold-out and what training saw; count the rows that are in both.
2. Read the model's bytes, see that their SHA-256 is the one that is expected, and only then load them.
3. Predict the hold-out, the contract's cases, and single rows for the time that they take.

What was predicted is left beside the answer as `.npy` files without pickles. A fault of the request or of the model
is an answer too: `{"error": …}`. A model may run any code; that is why it is loaded here and not where the gate
decides.
"""

import contextlib
import hashlib
import importlib
import io
import json
import pickle
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

_SINGLE_ROWS = 30


class Fault(Exception):
    """What the person can put right, in words."""


def read(path):
    """An artifact of the pipeline: rows of a frame, a series, an array, a list."""
    path = Path(path)
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix in (".csv", ".tsv"):
        return pd.read_csv(path, sep="\t" if path.suffix == ".tsv" else ",")
    if path.suffix == ".npy":
        return np.load(path, allow_pickle=False)
    if path.suffix == ".json":
        return json.loads(path.read_text("utf-8"))
    if path.suffix in (".pkl", ".joblib"):
        return load(path.read_bytes())
    raise Fault(f"{path.name} is of a kind that cannot be read as rows")


def load(data):
    """An object from its bytes, as joblib or pickle wrote it."""
    try:
        return pickle.loads(data)
    except (pickle.UnpicklingError, ValueError, KeyError):
        import joblib

        return joblib.load(io.BytesIO(data))


def frame_of(value):
    """Rows as a frame."""
    if isinstance(value, pd.DataFrame):
        return value
    if isinstance(value, pd.Series):
        return value.to_frame()
    array = np.asarray(value)
    return pd.DataFrame(array.reshape(len(array), -1))


def rows_and_truth(place, files):
    """(frame, truth or None) of a hold-out or of training data. Raises Fault."""
    frame = frame_of(read(files[place["data"]]))
    target = place.get("target")
    if target is None:
        return frame, None
    if target in files:
        truth = frame_of(read(files[target])).iloc[:, 0]
        if len(truth) != len(frame):
            raise Fault(f"{place['data']} has {len(frame)} rows, {target} has {len(truth)}")
        return frame, pd.Series(truth.to_numpy())
    if target not in frame.columns:
        raise Fault(f"{place['data']} has no column `{target}`")
    return frame.drop(columns=[target]), pd.Series(frame[target].to_numpy())


def hashes(frame, columns):
    """One number per row, of its content alone: neither dtype of whole numbers nor the order of columns counts."""
    plain = frame[columns].copy()
    for name in columns:
        if pd.api.types.is_numeric_dtype(plain[name]):
            plain[name] = plain[name].astype("float64") + 0.0
        else:
            plain[name] = plain[name].astype("string").fillna("\0")
    return pd.util.hash_pandas_object(plain, index=False).to_numpy()


def overlap(held, seen, identity):
    """How much of the hold-out is in what training saw.

    `same`: rows of equal content that are the same row by id or by the frames' own index, or of which neither tells.
    `alike`: rows of equal content that are others by it; `usual`: the share of training's rows that have such a double.
    """
    columns = sorted(set(map(str, held.columns)) & set(map(str, seen.columns)))
    held, seen = held.rename(columns=str), seen.rename(columns=str)
    content = [name for name in columns if name != identity]
    if not content or len(columns) < min(2, held.shape[1]):
        return {"comparable": False}
    ours, theirs = hashes(held, content), hashes(seen, content)
    double = np.isin(ours, theirs)
    names = _names(held, seen, identity)
    if names is None:
        same = double
    else:
        known = pd.Series(theirs, index=names[1]).groupby(level=0).agg(set).to_dict()
        same = (
            np.array([h in known.get(name, ()) for h, name in zip(ours, names[0], strict=True)])
            if len(ours)
            else double
        )
    usual = pd.Series(theirs).duplicated(keep=False).mean() if len(theirs) else 0.0
    return {
        "comparable": True,
        "rows": len(held),
        "same": int(same.sum()),
        "alike": int((double & ~same).sum()),
        "usual": float(usual),
        "examples": [int(one) for one in np.flatnonzero(same)[:3]],
    }


def _names(held, seen, identity):
    """What names a row in both: the id column, else an index that is not just a count, else nothing."""
    if identity is not None and identity in held.columns and identity in seen.columns:
        return held[identity].to_numpy(), seen[identity].to_numpy()
    for frame in (held, seen):
        index = frame.index
        if not index.is_unique or index.equals(pd.RangeIndex(len(frame))):
            return None
    return held.index.to_numpy(), seen.index.to_numpy()


def _own_names(held, identity):
    """What names each row, as text; None where nothing does."""
    if identity is not None and identity in held.columns:
        return held[identity].astype(str).to_numpy(dtype=str)
    index = held.index
    if not index.is_unique or index.equals(pd.RangeIndex(len(held))):
        return None
    return np.array([str(one) for one in index])


class PredictionPath:
    """From rows to answers, as production takes them."""

    def __init__(self, model, function, features, output):
        self.model, self.function, self.output = model, function, output
        names = getattr(model, "feature_names_in_", None)
        self.features = features or (None if names is None else [str(name) for name in names])

    def __call__(self, frame):
        """{"score": …, "decision": …, "value": …}, as far as the model gives them."""
        if self.function is not None:
            return self._of_function(frame)
        rows = self._rows(frame)
        classes = getattr(self.model, "classes_", None)
        if classes is None:
            return {"value": np.asarray(self.model.predict(rows), dtype=float).reshape(len(frame))}
        return self._classified(rows, list(classes))

    def _rows(self, frame):
        if self.features is None:
            return frame.to_numpy() if all(isinstance(name, int) for name in frame.columns) else frame
        missing = [name for name in self.features if name not in frame.columns]
        if missing:
            raise Fault(f"the rows lack {', '.join(missing[:5])}, which the model was fitted on")
        return frame[self.features]

    def _classified(self, rows, classes):
        positive = self.output.get("positive")
        if len(classes) != 2:
            return {"decision": np.asarray(self.model.predict(rows))}
        at = 1 if positive is None else _position(classes, positive)
        if not hasattr(self.model, "predict_proba"):
            return {"decision": np.asarray(self.model.predict(rows))}
        score = np.asarray(self.model.predict_proba(rows))[:, at].astype(float)
        return {"score": score, "decision": self._decided(score, classes, at)}

    def _decided(self, score, classes, at):
        threshold = self.output.get("threshold")
        return np.where(score >= (0.5 if threshold is None else threshold), classes[at], classes[1 - at])

    def _of_function(self, frame):
        found = self.function(frame)
        if isinstance(found, pd.DataFrame):
            names = [name for name in ("score", "decision", "value") if name in found.columns]
            return {name: found[name].to_numpy() for name in names}
        kind = "value" if self.output.get("form") == "value" else "score"
        return {kind: np.asarray(found, dtype=float).reshape(len(frame))}


def _position(classes, positive):
    for at, one in enumerate(classes):
        if one == positive or str(one) == str(positive):
            return at
    raise Fault(f"the contract's positive label {positive!r} is none of the model's: {[str(one) for one in classes]}")


def prediction_path(request, files):
    """The model's path, its bytes verified first. Raises Fault."""
    data = Path(request["model"]).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != request["sha256"]:
        raise Fault(
            f"{Path(request['model']).name} is not the file that was released: its SHA-256 is {found[:12]}…, "
            f"not {request['sha256'][:12]}…"
        )
    function = None
    if request.get("function"):
        module, _, name = request["function"].partition(":")
        function = getattr(importlib.import_module(module), name)
    features = request.get("features")
    if isinstance(features, str):
        features = [str(one) for one in read(files[features])]
    return PredictionPath(load(data), function, features, request["output"])


def answers_to(path, cases, held, features_only):
    """What the path answers to each of the contract's cases."""
    told = []
    for case in cases:
        row = held.iloc[[case["like"]]].copy() if case.get("like") is not None else pd.DataFrame(index=[0])
        for name, value in case["input"].items():
            row[name] = value
        try:
            found = path(row)
            told.append({"name": case["name"], **{key: _plain(value[0]) for key, value in found.items()}})
        except Exception as error:  # whatever the model raises is the answer to this case
            told.append({"name": case["name"], "error": f"{type(error).__name__}: {error}"})
    return told


def milliseconds(path, held):
    """The median time of one row, in milliseconds, after a first call that may load what it needs."""
    taken = []
    for at in range(min(_SINGLE_ROWS, len(held)) + 1):
        row = held.iloc[[max(0, at - 1)]]
        began = time.perf_counter()
        path(row)
        taken.append(1000 * (time.perf_counter() - began))
    return float(np.median(taken[1:])) if len(taken) > 1 else None


def _plain(value):
    return value.item() if hasattr(value, "item") else value


def _array(values):
    """Without objects: numbers, or texts."""
    array = np.asarray(values)
    if array.dtype.kind in "biuf":
        return array
    return np.array([str(one) for one in array.ravel()])


def answer(request, beside):
    """All of it. Raises Fault."""
    sys.path[:0] = request["import_from"]
    files = request["files"]
    held, truth = rows_and_truth(request["holdout"], files)
    identity = request.get("identity")
    told = {"rows": len(held), "overlaps": {}}
    for name, place in request["seen"].items():
        frame, _ = rows_and_truth(place, files)
        told["overlaps"][name] = overlap(held, frame, identity)
    arrays = {"truth": truth, "names": _own_names(held, identity)}
    if request.get("unseen_by") is not None:
        arrays["seen_before"] = _seen(held, truth, rows_and_truth(request["unseen_by"], files), identity)
    if request.get("train_truth") and truth is not None:
        arrays["train_truth"] = rows_and_truth(request["train_truth"], files)[1]
    for name in request.get("slices", ()):
        if name not in held.columns:
            raise Fault(f"the slice `{name}` is no column of {request['holdout']['data']}")
        arrays[f"slice {name}"] = _groups(held[name])
    path = prediction_path(request, files)
    arrays |= path(held)
    told["cases"] = answers_to(path, request.get("cases", ()), held, path.features)
    told["milliseconds"] = milliseconds(path, held)
    told["arrays"] = {}
    for number, (name, values) in enumerate(arrays.items()):
        if values is not None:
            file = beside.with_name(f"{beside.stem}-{number}.npy")
            np.save(file, _array(values), allow_pickle=False)
            told["arrays"][name] = file.name
    return told


def _seen(held, truth, before, identity):
    """Which held-out rows another version was fitted on: by id, else by content with its truth."""
    frame, _ = before
    if identity is not None and identity in held.columns and identity in frame.columns:
        return np.isin(held[identity].astype(str).to_numpy(), frame[identity].astype(str).to_numpy())
    columns = sorted(set(map(str, held.columns)) & set(map(str, frame.columns)))
    if not columns:
        return np.ones(len(held), dtype=bool)
    return np.isin(hashes(held.rename(columns=str), columns), hashes(frame.rename(columns=str), columns))


def _groups(values):
    """Text per row; a number with many values in quarters."""
    if pd.api.types.is_numeric_dtype(values) and values.nunique() > 10:
        values = pd.qcut(values, 4, duplicates="drop")
    return values.astype("string").fillna("missing").to_numpy(dtype=str)


def main(request, told):
    """One request, one answer."""
    told = Path(told)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            found = answer(json.loads(Path(request).read_text("utf-8")), told)
    except Fault as fault:
        found = {"error": str(fault)}
    except Exception as error:  # the model's own, or a file's: it is told, not shown as a traceback of ours
        import traceback

        found = {"error": f"{type(error).__name__}: {error}", "traceback": traceback.format_exc()}
    told.write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
