"""What a project declares, however its file is encoded."""

from __future__ import annotations

import pytest

from nb2prod.operations.check import check
from tests.lint.running.table import write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_requirements_are_read_in_the_encodings_that_shells_write(encoding, tmp_path):
    for name, text, declared in (
        ("with", "absl-py==1.0\r\nscikit-learn==1.5.0\r\n", True),
        ("without", "absl-py==1\r\n", False),
    ):
        path = write(tmp_path / name, "# %%\nimport sklearn\nprint(sklearn.__version__)\n")
        (tmp_path / name / "requirements.txt").write_bytes(text.encode(encoding))
        found = [one.message for one in check(path).diagnostics if one.name == "undeclared-dependency"]
        assert any("scikit-learn" in message for message in found) is not declared
