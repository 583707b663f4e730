"""The pipeline's own tests, run in the kernel's interpreter and recorded as evidence."""

from __future__ import annotations

from pathlib import Path

from nb2prod.adapters.clock import timestamp
from nb2prod.adapters.evidence import record
from nb2prod.adapters.pytest_run import Outcome, run_tests
from nb2prod.contract.evidence import Evidence
from nb2prod.errors import UsageError
from nb2prod.operations.agreement import agreement
from nb2prod.operations.project import pipeline_folder
from nb2prod.operations.served import kernel_python
from nb2prod.operations.subject import subject_of


def run_pipeline_tests(folder: str | Path) -> Outcome:
    """Run `tests/` of the pipeline and record what it said. Raises UsageError, OutsideError."""
    project = pipeline_folder(Path(folder))
    tests = project.folder / "tests"
    if not tests.is_dir():
        raise UsageError(f"{project.folder} has no tests", hint="`nb2prod convert` writes some; add your own there")
    found = run_tests(kernel_python(project.folder, project.manifest or {}), tests)
    at = timestamp()
    facts = {"tests": found.tests, "failed": len(found.failed), "names": list(found.failed[:20])}
    passed = found.tests > 0 and not found.failed
    record(project.folder, Evidence("tests", passed, at, subject_of(project, agreement(project)), facts))
    return found
