"""`docs/cli.md` shows what `--help` says. To bring it up to date: `python tests/docs/test_cli_reference.py`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from nb2prod import errors
from nb2prod.cli import _VERBS, group

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
_BLOCK = re.compile(r"(<!-- help: (?P<verb>\w+) -->\n```\n).*?(```\n)", re.DOTALL)


def help_of(verb: str) -> str:
    """The text of `nb2prod VERB --help`, 100 columns wide."""
    command = group if verb == "nb2prod" else group.get_command(click.Context(group), verb)
    assert command is not None
    name = "nb2prod" if verb == "nb2prod" else f"nb2prod {verb}"
    context = click.Context(command, info_name=name, terminal_width=100, max_content_width=100)
    context.help_option_names = ["-h", "--help"]
    return command.get_help(context) + "\n"


def brought_up_to_date(text: str) -> str:
    return _BLOCK.sub(lambda block: block[1] + help_of(block["verb"]) + block[3], text)


def test_the_page_shows_the_help_of_every_verb():
    text = PAGE.read_text(encoding="utf-8")
    assert [block["verb"] for block in _BLOCK.finditer(text)] == ["nb2prod", *_VERBS]
    assert text == brought_up_to_date(text), f"stale: run `python {Path(__file__).name}`"


def test_the_page_names_every_exit_code():
    text = PAGE.read_text(encoding="utf-8")
    classes = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.Nb2prodError)]
    for code in {0, 130, errors.INTERNAL_ERROR, *(one.exit_code for one in classes)}:
        assert f"\n| {code} | " in text


def test_every_option_has_a_help_text():
    for verb in _VERBS:
        command = group.get_command(click.Context(group), verb)
        assert command is not None
        options = [one for one in command.params if isinstance(one, click.Option)]
        assert not [one.name for one in options if not one.help]


if __name__ == "__main__":
    PAGE.write_text(brought_up_to_date(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
