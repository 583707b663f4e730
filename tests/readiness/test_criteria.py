"""The criteria are complete: none is left out of the registry, none rests on what does not exist or answers nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import nb2prod.readiness.criteria
from nb2prod.contract.evidence import KINDS, Subject
from nb2prod.contract.questions import wording
from nb2prod.readiness.criterion import LEVELS
from nb2prod.readiness.grounds.registry import _ORIGINS, grounds
from nb2prod.readiness.mapping import tables
from nb2prod.readiness.registry import ALL_CRITERIA, criteria

_FILES = {path.stem for path in Path(nb2prod.readiness.criteria.__file__).parent.glob("*.py")} - {"__init__"}
_BY_ID = {one.id: one for one in criteria()}


def test_every_file_is_a_criterion_of_the_registry_and_named_as_it():
    assert {module.__name__.rpartition(".")[2] for module in ALL_CRITERIA} == _FILES
    assert [one.id for one in criteria()] == [module.__name__.rpartition(".")[2] for module in ALL_CRITERIA]
    assert len(_BY_ID) == len(ALL_CRITERIA) >= 20


@pytest.mark.parametrize("criterion", criteria(), ids=lambda one: one.id)
def test_a_criterion_says_all_that_is_shown_of_it(criterion):
    assert all([criterion.title, criterion.question.endswith("?"), criterion.source, criterion.how, criterion.rests_on])
    assert len(criterion.page) > 60
    assert criterion.level in LEVELS
    assert set(criterion.rests_on) <= set(grounds())
    assert len(set(criterion.rests_on)) == len(criterion.rests_on)


def test_criteria_come_by_level():
    levels = [one.level for one in criteria()]
    assert levels == sorted(levels)
    assert set(levels) == set(LEVELS)


def test_every_ground_is_needed_once_named_and_known():
    named = [ground.key for module in _ORIGINS for ground in module.GROUNDS]
    assert len(named) == len(set(named)) == len(grounds())
    assert {key for one in criteria() for key in one.rests_on} == set(named)


@pytest.mark.parametrize("ground", grounds().values(), ids=lambda one: one.key)
def test_a_ground_says_what_holds_and_what_to_do(ground):
    assert ground.what
    assert ground.step.format(notebook="NB", folder="DIR", name="NAME") != ""
    assert set(ground.parts) <= set(Subject.__dataclass_fields__)
    origin, _, kind = ground.key.partition(".")
    if origin == "evidence":
        assert kind in KINDS


def test_the_steps_name_keys_of_the_contract():
    """`answer` names what production.yaml has, so that a person finds it."""
    sections = {part for key in wording() for part in (key, key.partition(".")[0])}
    for ground in grounds().values():
        if ground.step.startswith("answer"):
            named = re.findall(r"`([a-z_.]+)`", ground.step)
            assert named
            assert set(named) <= sections


def test_every_mapping_names_criteria_that_exist_or_says_why_there_is_none():
    for ask in (ask for table in tables() for ask in table.asks):
        assert set(ask.criteria) <= set(_BY_ID)
        assert ask.criteria or ask.note.startswith("not asked")


def test_every_criterion_answers_something():
    assert {one for table in tables() for ask in table.asks for one in ask.criteria} == set(_BY_ID)


def test_the_tables_are_whole():
    sizes = {table.title: len(table.asks) for table in tables()}
    assert sizes["Seven launch questions"] == 7
    assert sizes["Five building blocks"] == 5
    assert sum(size for title, size in sizes.items() if title.startswith("ML Test Score")) == 28


def test_a_criterion_names_the_tests_and_questions_that_its_mapping_gives_it():
    for table in tables():
        if table.title.startswith(("ML Test Score", "Seven")):
            prefix = "launch question " if table.title.startswith("Seven") else ""
            for ask in table.asks:
                named = {one.id for one in criteria() if re.search(rf"\b{prefix}{ask.name}\b", one.source)}
                assert named <= set(ask.criteria), ask


def test_level_0_asks_for_no_tooling_of_many_models():
    asked = " ".join(f"{one.question} {one.how}" for one in criteria() if one.level == 0).lower()
    for word in ("feature store", "canary", "drift", "schedule", "staging"):
        assert word not in asked
