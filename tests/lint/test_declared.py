"""What a project declares, however its file is encoded."""

from __future__ import annotations

import pytest

from nb2prod.operations.check import check
from tests.lint.running.table import write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_requirements_are_read_in_the_encodings_that_shells_write(encoding, tmp_path):
    path = write(tmp_path, "# %%\nimport sklearn\nprint(sklearn.__version__)\n")
    (tmp_path / "requirements.txt").write_bytes("absl-py==1.0\r\nscikit-learn==1.5.0\r\n".encode(encoding))
    assert [one.message for one in check(path).diagnostics if one.name == "undeclared-dependency"] == []
    (tmp_path / "requirements.txt").write_bytes("absl-py==1.0\r\n".encode(encoding))
    assert "scikit-learn" in " ".join(one.message for one in check(path).diagnostics)
