"""Score held-out rows with a model, in the interpreter of the notebook's kernel. Imports nothing of nb2prod's but
the worker beside it.

    python scoring.py REQUEST.json ANSWER.json

1. Read the hold-out and what training saw; count the rows that are in both.
2. Load the model as production does (`nb2prod_worker`): only after its bytes are those that are expected.
3. Predict the hold-out, the contract's cases, and single rows for the time that they take.

What was predicted is left beside the answer as `.npy` files without pickles. A fault of the request or of the model
is an answer too: `{"error": …}`. A model may run any code; that is why it is loaded here and not where the gate
decides.
"""

import contextlib
import io
import json
import pickle
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from nb2prod_worker import model as loading
from nb2prod_worker.answering import Answers
from nb2prod_worker.told import ModelFailed, Told

_SINGLE_ROWS = 30


class Fault(Exception):
    """What the person can put right, in words."""


def in_words(error):
    """What is said of an error: the model's own where that is its cause."""
    if isinstance(error, ModelFailed):
        return f"the model raised {type(error.__cause__).__name__}: {error.__cause__}"
    return getattr(error, "what", None) or str(error)


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
    """From rows to answers, by the code that `nb2prod predict` runs: score and decision, or value."""

    def __init__(self, loaded, request, features, labels):
        output, kind = request["output"], request["kind"]
        by_value = output.get("form") == "value" or kind == "regression"
        form = {**output, "form": "value" if by_value else "score", "review": None}
        self._answers = Answers(loaded, form, kind)
        self._labels, self._threshold = labels, output.get("threshold")
        self._are_labels = by_value and kind != "regression" and labels is not None
        names = getattr(loaded, "feature_names_in_", None)
        self._features = features or (None if names is None else [str(name) for name in names])

    def __call__(self, frame):
        """Column → values, as far as the model gives them. Raises Fault, Told, ModelFailed."""
        found = self._answers.of(self._rows(frame))
        if "score" in found:
            if len(self._labels or ()) > 2:  # a score is about one of them: which other one it is, it does not tell
                return {"score": found["score"]}
            return {"score": found["score"], "decision": self._decided(found["score"])}
        value = next(iter(found.values()))
        return {"decision": value} if self._are_labels else {"value": np.asarray(value, dtype=float)}

    def _rows(self, frame):
        missing = [name for name in self._features or () if name not in frame.columns]
        if missing:
            raise Fault(f"the rows lack {', '.join(missing[:5])}, which the model takes")
        return frame if self._features is None else frame[self._features]

    def _decided(self, score):
        negative, positive = self._labels or (0, 1)
        return np.where(score >= (0.5 if self._threshold is None else self._threshold), positive, negative)


def labels_of(truth, positive, kind):
    """(negative, positive) of two labels, all of more; None for a value."""
    if truth is None or kind == "regression":
        return None
    known = sorted(pd.unique(truth.dropna()), key=str)
    if len(known) > 2 and (kind == "classification" or not pd.api.types.is_numeric_dtype(truth)):
        return tuple(known)
    if len(known) != 2:
        return None
    if positive is not None and str(known[0]) == str(positive):
        known.reverse()
    return tuple(known)


def prediction_path(request, files, truth):
    """The model's path, its bytes verified first. Raises Fault and Told."""
    features = request.get("features")
    if isinstance(features, str):
        listed = read(files[features])  # a list of columns; a frame of features is for the skew check
        features = [str(one) for one in listed] if isinstance(listed, list) else None
    labels = labels_of(truth, request["output"].get("positive"), request["kind"])
    return PredictionPath(loading.load({"model": request["model"]}), request, features, labels)


def answers_to(path, cases, held):
    """What the path answers to each of the contract's cases."""
    told = []
    for case in cases:
        row = held.iloc[[case["like"]]].copy() if case.get("like") is not None else pd.DataFrame(index=[0])
        for name, value in case["input"].items():
            row[name] = value
        try:
            found = path(row)
            told.append({"name": case["name"], **{key: _plain(value[0]) for key, value in found.items()}})
        except (Fault, Told, ModelFailed) as error:
            told.append({"name": case["name"], "error": in_words(error)})
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
    files = request["files"]
    held, truth = rows_and_truth(request["holdout"], files)
    identity = request.get("identity")
    told = {"rows": len(held), "overlaps": {}, "by_id": identity is not None and identity in held.columns}
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
    path = prediction_path(request, files, truth)
    arrays |= path(held)
    told["cases"] = answers_to(path, request.get("cases", ()), held)
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
    except (Fault, Told, ModelFailed) as error:
        found = {"error": in_words(error), "hint": getattr(error, "hint", "")}
    except Exception as error:  # the model's own, or a file's: it is told, not shown as a traceback of ours
        import traceback

        found = {"error": f"{type(error).__name__}: {error}", "traceback": traceback.format_exc()}
    told.write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
