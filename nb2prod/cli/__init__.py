"""The command line: one file per verb; each parses, calls one operation, and renders."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

import click

import nb2prod
from nb2prod.cli.plain import complain, never_fail_to_print
from nb2prod.errors import INTERNAL_ERROR, Nb2prodError, OutsideError

_VERBS = {
    "demo": "an example project, converted, run and verified: the first two minutes",
    "check": "find what will break when a notebook runs again, elsewhere, or in production",
    "rule": "what a rule of check finds, why, and what to do instead",
    "tag": "propose stages for a notebook, and say why",
    "convert": "turn a notebook into a pipeline and prove that it gives the same",
    "run": "bring a pipeline's outputs up to date",
    "stage": "run one stage, as every engine calls it",
    "debug": "open a stage where it fails, its inputs loaded and its kernel alive",
    "verify": "run notebook and pipeline, and compare them again",
    "ready": "which criteria for production are met, by evidence",
    "predict": "predict the rows of a file, and log every prediction",
    "erase": "take predictions out of the log",
    "probe": "try the prediction path: skew and malformed inputs",
    "release": "make a commit's model a version, if it passes its gate",
    "deploy": "make a version the champion of an environment",
    "rollback": "make the champion before the champion again",
    "status": "which version is where, since when, by whom",
    "history": "every release, deployment and rollback",
    "trace": "everything that made a prediction, a version or an artifact",
}


class _Verbs(click.Group):
    """Loads a verb's module when it is called: `--help` imports nothing heavy."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _VERBS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"nb2prod.cli.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        import difflib

        name = args[0]
        close = difflib.get_close_matches(name, _VERBS, n=1)
        if name not in _VERBS and close and not name.startswith("-"):
            raise click.UsageError(f"no such command `{name}`; did you mean `{close[0]}`?", ctx)
        return super().resolve_command(ctx, args)


@click.command(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(nb2prod.__version__, prog_name="nb2prod")
@click.option("--debug", is_flag=True, help="Show the whole traceback of an error.")
@click.pass_context
def group(ctx: click.Context, debug: bool) -> None:
    """Turn a notebook into a papermill/DVC pipeline that gives the same, and keep it honest.

    Exit codes: 0 clean; 1 findings, refused, or different; 2 usage; 3 something outside failed; 70 a bug of nb2prod's.
    """
    ctx.obj = debug


def program() -> None:
    """`main` as a process of its own, which ends without taking apart, object by object, what it imported.

    For DVC and papermill that takes longer than DVC's record of a stage. Exit handlers run and streams are flushed.
    """
    import atexit
    import threading

    code: object = 0
    try:
        main()
    except SystemExit as leave:
        code = leave.code or 0
    if isinstance(code, int) and all(one.daemon for one in threading.enumerate()[1:]):
        atexit._run_exitfuncs()
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):  # whoever read it is gone: let the interpreter say so as it does
            sys.exit(code)
        os._exit(code)
    sys.exit(code)  # type: ignore[arg-type]  # what `main` left with


def main(arguments: list[str] | None = None) -> None:
    """The program's work. Every error leaves through here: a message, a hint, and the exit code of its class."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    never_fail_to_print()
    try:
        group.main(args=arguments, prog_name="nb2prod", standalone_mode=False)
    except click.exceptions.Abort:
        _fail("stopped; nothing half-written is left behind", code=130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except Nb2prodError as error:
        _report(error, debug)
    except KeyboardInterrupt:
        _fail("stopped; nothing half-written is left behind", code=130)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - keeps the interpreter's own flush quiet
        sys.exit(0)
    except Exception as error:  # the one place that turns a bug of ours into a sentence
        if known := _outside(error):
            _report(known, debug)
        if debug:
            raise
        _fail(
            f"internal error: {type(error).__name__}: {error}\n"
            "this is a bug of nb2prod's: please report it, with what `nb2prod --debug …` prints",
            code=INTERNAL_ERROR,
        )


def _outside(error: Exception) -> Nb2prodError | None:
    """What the disk, the permissions and the limits of the machine did; None for everything else."""
    import errno

    if not isinstance(error, OSError):
        return None
    full = error.errno in (errno.ENOSPC, errno.EDQUOT) or "No usable temporary directory" in str(error)
    if not full and error.errno not in (errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.EIO):
        return None
    what = (error.strerror or str(error)) + (f": {error.filename}" if error.filename else "")
    room = "free some room on the disk and in the temporary folder, and run the command again"
    return OutsideError(what, hint=room if full else "nothing half-written was left behind; correct it and run again")


def _report(error: Nb2prodError, debug: bool) -> NoReturn:
    if debug:
        import traceback

        traceback.print_exc()
    own = getattr(error, "traceback", "")
    if own:
        complain(own)
    _fail(error.message, hint=error.hint, code=error.exit_code)


def _fail(message: str, *, hint: str = "", code: int) -> NoReturn:
    complain(f"error: {message}")
    if hint:
        complain(f"hint: {hint}")
    sys.exit(code)
