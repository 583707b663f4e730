"""`nb2prod convert` (observe, prove, write) against papermill on the whole notebook, in the same run.

python benchmarks/convert.py [notebook …]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1] / "example_notebooks"


def seconds(command: list[str], folder: Path) -> float:
    """Wall-clock time of a whole process."""
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    """Print both times and their ratio for each notebook."""
    for name in sys.argv[1:] or ["breast_cancer.ipynb", "co2_forecast.ipynb"]:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(shutil.copytree(EXAMPLES, Path(scratch) / "p"))
            plain = seconds([sys.executable, "-m", "papermill", name, "out.ipynb"], folder)
            (folder / "out.ipynb").unlink()
            convert = [sys.executable, "-m", "nb2prod", "convert", name, "--out", "pipeline", "--init"]
            converted = seconds(convert, folder)
        print(f"{name:32} papermill {plain:5.1f} s   convert {converted:5.1f} s   ratio {converted / plain:.1f}")


if __name__ == "__main__":
    main()
