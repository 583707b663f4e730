"""`docs/readiness.md` is made from the criteria. To bring it up to date: `python tests/docs/test_readiness_page.py`."""

from __future__ import annotations

from pathlib import Path

from nb2prod.readiness.page import page

PAGE = Path(__file__).parents[2] / "docs" / "readiness.md"


def test_the_page_is_that_of_the_criteria():
    assert PAGE.read_text(encoding="utf-8") == page() + "\n", f"stale: run `python {Path(__file__).name}`"


if __name__ == "__main__":
    PAGE.write_text(page() + "\n", encoding="utf-8")
