"""What the panel's server part needs for one changed cell: `python benchmarks/panel.py`. CPU milliseconds, medians.

The whole way of a request but for the network: the body is parsed, outputs are put back, the rules run, the answer is
written. The peer in the same run is a check of the whole notebook from nothing.
"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path

from nb2prod.lint.report.json import diagnostic_record
from nb2prod.operations.live import Editor

EXAMPLE = Path(__file__).parents[1] / "example_notebooks" / "breast_cancer.ipynb"
SIZES = (100, 300, 1000)
ROUNDS = 15


def document(size: int) -> dict:
    """The example's cells again and again, up to `size`."""
    cells = json.loads(EXAMPLE.read_text())["cells"]
    repeated = [cells[at % len(cells)] | {"id": f"cell-{at}"} for at in range(size)]
    return {"metadata": {"kernelspec": {"name": "python3"}}, "cells": repeated}


def answered(editor: Editor, body: bytes) -> float:
    """CPU milliseconds of one request."""
    began = time.process_time()
    found = editor.check(json.loads(body)["notebook"])
    json.dumps([diagnostic_record(one) for one in found])
    return 1000 * (time.process_time() - began)


def body_of(notebook: dict, at: int, number: int) -> bytes:
    """The request after a change of cell `at`; outputs are known."""
    cells = [{name: value for name, value in cell.items() if name != "outputs"} for cell in notebook["cells"]]
    cells[at] = cells[at] | {"source": f"{''.join(cells[at]['source'])}\nvalue_{number} = {number}"}
    return json.dumps({"notebook": notebook | {"cells": cells}}).encode()


def main() -> None:
    """One line for each size."""
    for size in SIZES:
        notebook = document(size)
        at = next(one for one in range(size // 2, size) if notebook["cells"][one]["cell_type"] == "code")
        editor = Editor(EXAMPLE)
        first = answered(editor, json.dumps({"notebook": notebook}).encode())
        later = statistics.median(answered(editor, body_of(notebook, at, number)) for number in range(ROUNDS))
        print(f"{size} cells: from nothing {first:.0f} ms, one changed cell {later:.0f} ms ({later / first:.2f})")


if __name__ == "__main__":
    main()
