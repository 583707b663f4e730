"""`nb2prod rule`."""

from __future__ import annotations

import click


@click.command(name="rule")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Print the page of the rule CODE (or its name); without one, the list of all rules."""
    from nb2prod.cli.plain import say
    from nb2prod.lint.registry import rules
    from nb2prod.lint.select import selected
    from nb2prod.lint.settings import Settings

    if code is None:
        for rule in rules():
            say(f"{rule.code}  {rule.severity:8} {'fix' if rule.fixable else '   '}  {rule.name}: {rule.summary}")
        return
    for rule in selected(rules(), Settings(select=(code,)), ""):
        fix = "; has a fix" if rule.fixable else ""
        say(f"# {rule.name} ({rule.code})\n\nFamily {rule.family}, severity {rule.severity}{fix}.\n\n{rule.page}")
