"""Every rule against its table, and what each rule must bring with it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from nb2prod.diagnostics import SEVERITIES
from nb2prod.lint.context import Context
from nb2prod.lint.engine import diagnose
from nb2prod.lint.registry import ALL_RULES, rules
from nb2prod.lint.rule import FAMILIES
from nb2prod.notebook.parse import parse
from tests.lint.tables import CASES, Case, cases, fixed, found, notebook_of, rendered, rule_named

_ALL = [case for file in sorted(CASES.glob("NB*.txt")) for case in cases(file)]
_RULES = Path(__file__).parents[2] / "nb2prod" / "lint" / "rules"
_SECTIONS = ["What it does", "Why is this bad?", "Example", "Use instead", "Known limits"]


@pytest.mark.parametrize("case", _ALL, ids=lambda case: f"{case.code} {case.title.partition(' | ')[0]}")
def test_the_rule_says_what_its_table_says(case: Case):
    assert [rendered(one) for one in found(case)] == list(case.findings)
    assert case.is_good == (not case.findings)


@pytest.mark.parametrize("case", [one for one in _ALL if one.findings], ids=lambda case: f"{case.code} {case.title}")
def test_a_fix_gives_a_notebook_that_parses_and_has_the_finding_no_more(case: Case):
    after = fixed(case)
    assert after == case.fixed
    if after is None:
        return
    notebook = notebook_of(after)
    assert not [cell.source for cell in notebook.code_cells if parse(cell.source).error]
    assert not [one for one in diagnose(Context(notebook, case.around), [rule_named(case.code)]) if one.fix]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_a_rule_has_a_page_cases_and_a_place(rule):
    assert re.findall(r"^## (.*)$", rule.page, re.MULTILINE) == _SECTIONS
    assert rule.summary.endswith(".")
    assert rule.severity in SEVERITIES
    mine = cases(CASES / f"{rule.code}.txt")
    assert any(case.is_good for case in mine)
    assert any(case.findings for case in mine)
    assert rule.fixable == any(case.fixed for case in mine), "a fix needs a case, and a case of a fix `FIXABLE = True`"
    assert re.fullmatch(r"NB[1-7]\d\d", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)


def test_every_rule_module_is_registered_once():
    registered = sorted(module.__name__ for module in ALL_RULES)
    files = [file for file in _RULES.rglob("*.py") if _defines_code(file)]
    there = sorted(".".join(["nb2prod", "lint", "rules", file.parent.name, file.stem]) for file in files)
    assert registered == there
    assert len({rule.code for rule in rules()}) == len({rule.name for rule in rules()}) == len(registered)
    for module, rule in ((one, rule_named(one.CODE)) for one in ALL_RULES):
        assert module.__name__.split(".")[-2] == FAMILIES[rule.code[:3]]


def _defines_code(file: Path) -> bool:
    body = ast.parse(file.read_text(encoding="utf-8")).body
    return any(isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "CODE" for one in body)
