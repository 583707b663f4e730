"""The project of the story: an untagged notebook with a warning that has a fix. `python project.py FOLDER`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

TEXT = """
markdown
# Churn
Who will leave?
---
code
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
---
code parameters
weight = 0
regularisation = 1.0
---
markdown
## Load the data
---
code
df = pd.read_csv("customers.csv")
df.head()
---
markdown
## Features
---
code
df["per_year"] = weight * df["calls"] / (df["years"] + 1)
X = df[["age", "years", "per_year"]]
y = df["left"]
---
code
X.describe()
---
markdown
## Split
---
code
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25)
len(X_train)
---
markdown
## Train the model
---
code
model = LogisticRegression(C=regularisation, max_iter=500)
model.fit(X_train, y_train)
model.coef_.round(3)
---
markdown
## Evaluate
---
code
scores = model.predict_proba(X_test)[:, 1]
---
code metrics
metrics = {"auc": float(roc_auc_score(y_test, scores))}
metrics
"""


def make(folder: Path) -> None:
    """The notebook, its data, and a repository around them."""
    folder.mkdir(parents=True, exist_ok=True)
    cells = [_cell(number, text.strip()) for number, text in enumerate(TEXT.split("---"))]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}
    (folder / "churn.ipynb").write_text(json.dumps(document, indent=1))
    (folder / "customers.csv").write_text("".join(f"{row}\n" for row in ["age,years,calls,left", *_rows()]))
    (folder / "requirements.txt").write_text("numpy\npandas\nscikit-learn\n")
    for words in ("init -q", "config user.name team-d", "config user.email team-d@example.org"):
        subprocess.run(["git", *words.split()], cwd=folder, check=True)


def _rows() -> list[str]:
    people = ((20 + i * 7 % 50, i % 9, i * 13 % 31, i) for i in range(400))
    return [f"{age},{years},{calls},{int(calls / (years + 1) + i % 5 > 5)}" for age, years, calls, i in people]


def _cell(number: int, text: str) -> dict[str, object]:
    head, _, source = text.partition("\n")
    kind, *tags = head.split()
    cell: dict[str, object] = {"cell_type": kind, "id": f"cell-{number}", "source": source}
    cell["metadata"] = {"tags": tags} if tags else {}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


if __name__ == "__main__":
    make(Path(sys.argv[1]))
