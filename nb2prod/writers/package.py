"""The pipeline's Python package and the tests for it."""

from __future__ import annotations

from nb2prod.pipeline.model import Pipeline
from nb2prod.writers.prose import render


def init_text(pipeline: Pipeline) -> str:
    """`__init__.py`: says what the package is, imports nothing."""
    names = "".join(f"\n* `{module.name}`: {', '.join(module.exports)}" for module in pipeline.modules)
    head = "\n\nDefinitions lifted out of the notebook, shared by all stages and by prediction:\n"
    listed = f"{head}{names}" if names else ""
    if pipeline.predict and pipeline.predict.function:
        module, _, name = pipeline.predict.function.rpartition(".")[2].partition(":")
        listed += f"\n\n`{module}` has the function that production calls, `{name}`, and loads what it needs."
    return f'"""The code of pipeline `{pipeline.name}`, made from {pipeline.layout.notebook}.{listed}\n"""\n'


def conftest_text() -> str:
    """`tests/conftest.py`."""
    return render("conftest.py")


def test_text(pipeline: Pipeline) -> str:
    """`tests/test_<package>.py`: the definitions import and travel."""
    code = pipeline.package
    definitions = [(f"{code}.{module.name}", name) for module in pipeline.modules for name in module.exports]
    return render("test_package.py", name=pipeline.name, package=pipeline.package, definitions=definitions)
