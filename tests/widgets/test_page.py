"""The pages of the widget: records in, harmless HTML out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nb2prod.operations.overview import overview
from nb2prod.widgets import page
from nb2prod.widgets.widget import shown
from tests.server.conftest import NOTEBOOK

HOSTILE = "<script>alert(1)</script>\x1b[31m"


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    path = tmp_path / "churn.ipynb"
    path.write_text(json.dumps(NOTEBOOK))
    return path


def test_each_pane_has_an_answer_or_says_why_not(notebook):
    assert "NB104" in shown("Warnings", notebook)
    assert "no pipeline yet" in shown("Pipeline", notebook)
    assert "no pipeline yet" in shown("Deployment", notebook)
    assert shown("Warnings", notebook.with_name("none.ipynb")).startswith("<p>there is no file")


def test_nothing_of_a_record_is_markup(notebook):
    criterion = {"status": "met", "title": HOSTILE, "evidence": HOSTILE, "how_to_meet": HOSTILE}
    champion = {"version": HOSTILE, "since": HOSTILE, "by": HOSTILE}
    pages = [
        page.trouble(HOSTILE, HOSTILE),
        page.readiness({"level": 0, "score": 1, "criteria": [criterion]}),
        page.deployment({"environments": [{"name": HOSTILE, "champion": champion}], "versions": []}),
        page.pipeline(overview(notebook)),
    ]
    for one in pages:
        assert set(re.findall(r"</?(\w+)", one)) <= {"p", "table", "thead", "tbody", "tr", "th", "td"}
        assert "\x1b" not in one


def test_the_widget_is_tabs():
    ipywidgets = pytest.importorskip("ipywidgets")
    import nb2prod

    found = nb2prod.widget(Path(nb2prod.__file__).parent / "_examples" / "breast_cancer.ipynb")
    assert isinstance(found.children[1], ipywidgets.Tab)
    assert list(found.children[1].titles) == ["Warnings", "Pipeline", "Readiness", "Deployment"]
