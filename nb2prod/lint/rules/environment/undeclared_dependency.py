"""A package is imported that nothing declares.

## What it does

Compares the imports of the notebook with what the project declares: `requirements*.txt`, `pyproject.toml`,
`environment.yml`, a lock file, in the notebook's folder and above it up to the repository's root. Modules of the
standard library and of the project itself need no line, nor do IPython and ipykernel, which run the notebook. A module
that only a hosted service has is reported too.

## Why is this bad?

A fresh environment that is built from the declaration lacks the package, and the notebook ends at its import.

## Example

```python
import seaborn as sns          # requirements.txt: pandas, scikit-learn
```

## Use instead

Add the package, with its version, to the file that declares the others.

## Known limits

A project without any declaration gets one piece of information, on the first such import of the first notebook that is
checked. Imports inside `try` and behind an `if` are optional and left alone. The name of a distribution is taken to be
the module's, but for a table of known exceptions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nb2prod.lint.context import Context
from nb2prod.lint.knowledge import table
from nb2prod.lint.packages import Imported, third_party
from nb2prod.lint.rule import Finding

CODE = "NB303"
NAME = "undeclared-dependency"
SEVERITY = "warning"
FIXABLE = False


def check(context: Context) -> Iterator[Finding]:
    """One finding per package; one in all where nothing is declared."""
    imported = [one for one in third_party(context) if not one.optional]
    yield from _of_services(context, imported)
    kernel = table("distributions")["kernel"]["distributions"]
    packages = [one for one in imported if not _service(one) and one.distribution not in kernel]
    declared = context.surroundings.declared
    if declared is None:
        yield from _undeclared_altogether(context, packages)
        return
    known = set(declared) | {name for one in declared for name in table("distributions")["brings"].get(one, ())}
    for one in packages:
        if one.distribution not in known:
            version = context.surroundings.installed(one.distribution)
            line = f"{one.distribution}=={version}" if version else one.distribution
            message = f"`{one.module}` is imported, and the project does not declare `{one.distribution}`"
            yield context.at(one.view, one.node, message, hint=f"add `{line}` to its requirements")


def _service(one: Imported) -> str:
    services: dict[str, str] = table("distributions")["services"]
    return next((where for name, where in services.items() if f"{one.full}.".startswith(f"{name}.")), "")


def _of_services(context: Context, imported: list[Imported]) -> Iterator[Finding]:
    for one in imported:
        if where := _service(one):
            message = f"`{one.full}` exists only on {where}"
            yield context.at(one.view, one.node, message, hint="put it behind a test for that service, or leave it out")


def _undeclared_altogether(context: Context, packages: list[Imported]) -> Iterator[Finding]:
    if not packages or context.surroundings.exists(".") is None:
        return
    names = sorted({one.distribution for one in packages})
    shown = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
    what = f"{len(names)} packages are" if len(names) > 1 else "a package is"
    message = f"{what} imported ({shown}), and nothing beside the notebook declares them"
    hint = "write a requirements.txt with their versions"
    found = context.at(packages[0].view, packages[0].node, message, hint=hint, severity="info")
    yield replace(found, shared=True)
