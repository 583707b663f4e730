"""`docs/rules/` is made from the rules. To bring it up to date: `python tests/docs/test_rule_pages.py`."""

from __future__ import annotations

from pathlib import Path

from nb2prod.lint.registry import rules
from nb2prod.lint.rule import FAMILIES, Rule

FOLDER = Path(__file__).parents[2] / "docs" / "rules"
_STORIES = {
    "order": "the order in which cells were, and will be, run",
    "determinism": "what gives another result each time",
    "environment": "what another machine does not have",
    "security": "what must not leave the machine, and what must not come in",
    "leakage": "what a model must not have seen",
    "skew": "what prediction does otherwise than training",
    "structure": "what makes a notebook hard to move to production",
}


def page(rule: Rule) -> str:
    fix = "has a fix" if rule.fixable else "no fix"
    return f"# {rule.name} ({rule.code})\n\nFamily {rule.family} · severity {rule.severity} · {fix}\n\n{rule.page}"


def index() -> str:
    parts = ["# The rules of `nb2prod check`\n\nMade from the rules' own pages; `nb2prod rule CODE` prints one.\n"]
    for prefix, family in FAMILIES.items():
        parts.append(
            f"\n## {prefix}: {_STORIES[family]}\n\n| code | name | severity | fix | |\n|---|---|---|---|---|\n"
        )
        for rule in rules():
            if rule.code.startswith(prefix):
                fix = "yes" if rule.fixable else ""
                parts.append(
                    f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.severity} | {fix} | {rule.summary} |\n"
                )
    return "".join(parts)


def pages() -> dict[str, str]:
    return {"README.md": index()} | {f"{rule.code}.md": page(rule) for rule in rules()}


def test_the_pages_are_those_of_the_rules():
    there = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.md")}
    assert there == pages(), f"stale: run `python {Path(__file__).name}`"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
