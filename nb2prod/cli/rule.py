"""`nb2prod rule`."""

from __future__ import annotations

import click


@click.command(name="rule")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Print the page of the rule CODE (or its name); without one, the list of all rules."""
    from nb2prod.cli.plain import say
    from nb2prod.operations.rule import rule

    if code is None:
        for one in rule():
            say(f"{one.code}  {one.severity:8} {'fix' if one.fixable else '   '}  {one.name}: {one.summary}")
        return
    for one in rule(code):
        fix = "; has a fix" if one.fixable else ""
        say(f"# {one.name} ({one.code})\n\nFamily {one.family}, severity {one.severity}{fix}.\n\n{one.page}")
