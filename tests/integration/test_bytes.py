"""The same notebook gives the same bytes: in another folder, another process, under another hash seed."""

from __future__ import annotations

import pytest

from integration.projects import contents, dvc, git, nb2prod, notebook, write

MIXED = notebook(
    ("parameters", "size = 40\nnames = ['ash', 'birch', 'cedar', 'elm', 'fir']"),
    (
        "stage:load",
        "import numpy as np\nimport pandas as pd\n\nrng = np.random.default_rng(3)\n"
        "frame = pd.DataFrame({'tree': rng.choice(names, size), 'height': rng.normal(20, 5, size)})\n"
        "kinds = set(names)\ngroups = {name: {f'{name}-{i}' for i in range(9)} for name in names}\n"
        "pairs = {frozenset((a, b)) for a in names for b in names}",
    ),
    (
        "stage:train",
        "from sklearn.linear_model import LogisticRegression\nfrom sklearn.preprocessing import OrdinalEncoder\n\n"
        "coder = OrdinalEncoder().fit(frame[['tree']])\n"
        "model = LogisticRegression().fit(frame[['height']], coder.transform(frame[['tree']]).ravel() > 1)\n"
        "kinds.add('yew')\nlookup = {kind: len(groups.get(kind, ())) for kind in sorted(kinds)}",
    ),
    (
        "stage:evaluate metrics",
        "accuracy = model.score(frame[['height']], coder.transform(frame[['tree']]).ravel() > 1)\n"
        "counted = {'kinds': len(kinds), 'pairs': len(pairs)}\nprint(accuracy, sorted(lookup))",
    ),
)


@pytest.mark.slow
def test_two_conversions_give_the_same_bytes(tmp_path):
    found = []
    for place, seed in (("one", "1"), ("another/place", "4242")):
        folder = tmp_path / place
        write(folder / "mixed.ipynb", MIXED)
        git(folder, "init", "-q")
        dvc(folder, "init", "-q")
        done = nb2prod(folder, "convert", "mixed.ipynb", env={"PYTHONHASHSEED": seed})
        assert "verdict: same" in done.stdout
        found.append(contents(folder))
    first, second = found
    assert {"pipeline/dvc.lock", "pipeline/conversion.json", "pipeline/stages/train.ipynb"} <= first.keys()
    assert any(name.endswith("train/model.pkl") or "train" in name for name in first)
    assert [name for name in first.keys() | second.keys() if first.get(name) != second.get(name)] == []
    # And a third time, in the first folder, by DVC and with hashes as they come.
    dvc(tmp_path / "one" / "pipeline", "repro", "-f")
    assert contents(tmp_path / "one") == first
