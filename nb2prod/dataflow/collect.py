"""The facts of a cell, statement by statement."""

from __future__ import annotations

from nb2prod.dataflow.environment import Environment
from nb2prod.dataflow.facts import CellFacts, Facts, StatementFacts, compose
from nb2prod.dataflow.kinds import gives_again, kind_of
from nb2prod.dataflow.walker import cell_facts_around, facts_of
from nb2prod.notebook.model import Cell
from nb2prod.notebook.parse import Parsed, Statement, parse


def collect_cell(cell: Cell, environment: Environment) -> CellFacts:
    """The facts of one code cell. `environment` remembers what earlier cells bound, and is extended."""
    parsed = parse(cell.source)
    may_stop = "raises-exception" in cell.tags
    around = _around(parsed, environment, may_stop)
    statements = tuple(_statement(one, environment, may_stop) for one in parsed.statements)
    whole = around or compose(statement.facts for statement in statements)
    defined = whole.defines & environment.callables.keys()
    return CellFacts(
        cell.index,
        statements,
        whole,
        parsed.error,
        parsed.magic.name if parsed.magic else None,
        tuple((name, environment.callables[name]) for name in sorted(defined)),
    )


def _around(parsed: Parsed, environment: Environment, may_stop: bool) -> Facts | None:
    """The facts of a cell with a magic on top, which is one piece."""
    if parsed.magic is None:
        return None
    whole = cell_facts_around(parsed.magic, parsed.body, [one.node for one in parsed.statements], environment)
    return whole.interrupted() if may_stop else whole


def _statement(statement: Statement, environment: Environment, may_stop: bool) -> StatementFacts:
    """`may_stop`: the cell may raise, and the notebook goes on."""
    facts = facts_of(statement.node, environment)
    kind, replayable = kind_of(statement.node, environment)
    again = gives_again(statement.node, environment)
    facts = facts.interrupted() if may_stop else facts
    return StatementFacts(statement.text, kind, facts, replayable, statement.node.lineno, again)
