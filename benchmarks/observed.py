"""The observed run against the plain run, on a notebook that holds a frame of 1 GB: time and peak memory.

python benchmarks/observed.py [megabytes] [pairs]

Both run the same cells in a fresh kernel through nbclient; the observed run also copies the project, looks at every
variable after each stage and chooses how it travels. Interleaved pairs, medians.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

CELLS = [
    (
        "stage:load",
        "import numpy as np\nimport pandas as pd\n\nrng = np.random.default_rng(0)\nrows = {rows}\n"
        "frame = pd.DataFrame({{f'x{{i}}': rng.normal(size=rows) for i in range(8)}})\n"
        "frame['day'] = rng.integers(0, 365, rows)\nframe['group'] = rng.integers(0, 50, rows)",
    ),
    ("stage:clean", "frame['x0'] = frame['x0'].clip(-3, 3)\nframe['ratio'] = frame['x1'] / (1 + frame['x2'] ** 2)"),
    (
        "stage:features",
        "by_day = frame.groupby('day')[['x0', 'ratio']].agg(['mean', 'std', 'median'])\n"
        "by_group = frame.groupby('group')['x3'].quantile([0.1, 0.5, 0.9])\nranked = frame['x4'].rank().describe()",
    ),
    (
        "stage:report",
        "spread = frame.groupby('group')['x5'].std().sort_values()\nprint(by_day.shape, ranked['50%'], spread.iloc[0])\n"
        "print(frame.sort_values('x6')['ratio'].head())",
    ),
]

RUN = """
import json, resource, sys, tempfile, time
from pathlib import Path
from nb2prod.adapters.notebooks import read_notebook
from nb2prod.operations.observe import observe
from nb2prod.operations.progress import Silent
from nb2prod.operations.project import find_project
from nb2prod.operations.stages import stages_of
from nb2prod.pipeline.program import read_program
path = Path(sys.argv[1])
began = time.perf_counter()
if sys.argv[2] == "plain":
    import nbclient, nbformat
    nbclient.execute(nbformat.read(path, 4), cwd=str(path.parent))
else:
    notebook = read_notebook(path)
    program = read_program(notebook, stages_of(notebook)[0])
    with tempfile.TemporaryDirectory() as scratch:
        observe(find_project(path, None), notebook, program, "big", Path(scratch), Silent())
seconds = time.perf_counter() - began
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024]))
"""


def notebook(folder: Path, megabytes: int) -> Path:
    """The notebook, in a folder of its own."""
    rows = megabytes * 2**20 // (8 * 10)
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {"tags": [tag]},
            "execution_count": None,
            "outputs": [],
            "source": source.format(rows=rows) if number == 0 else source,
        }
        for number, (tag, source) in enumerate(CELLS)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path = folder / "big.ipynb"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def main() -> None:
    """Print the medians and their ratios."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    found: dict[str, list[list[float]]] = {"plain": [], "observed": []}
    with tempfile.TemporaryDirectory() as scratch:
        path = notebook(Path(scratch), megabytes)
        for _ in range(pairs):
            for kind, runs in found.items():
                command = [sys.executable, "-c", RUN, str(path), kind]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                runs.append(json.loads(done.stdout.splitlines()[-1]))
    medians = {kind: [statistics.median(column) for column in zip(*runs, strict=True)] for kind, runs in found.items()}
    for kind, (seconds, peak) in medians.items():
        print(f"{kind:9} {seconds:6.1f} s   peak {peak:6.0f} MB")
    ratios = [observed / plain for observed, plain in zip(medians["observed"], medians["plain"], strict=True)]
    print(f"ratio     {ratios[0]:6.2f}     {ratios[1]:11.2f}")


if __name__ == "__main__":
    main()
