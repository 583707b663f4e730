"""`python nb2prod_worker`: reads a job (JSON) from standard input, writes its result to the file that the job names.

What the user's function prints goes to standard error, so that nothing can be taken for the result.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path


def _own_package() -> None:
    """Import our modules from this folder's parent, which the user's code shall not see."""
    here = Path(__file__).resolve().parent
    sys.path[:] = [path for path in sys.path if path and Path(path).resolve() != here]
    sys.path.insert(0, str(here.parent))
    import nb2prod_worker.verbs  # noqa: F401 - imported while its folder is on the path

    sys.path.remove(str(here.parent))


def _end_with_parent() -> None:
    """A worker whose `nb2prod` was killed has nobody to give its files a name."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL


def main() -> None:
    _end_with_parent()
    parent = os.getppid()
    _own_package()
    from nb2prod_worker.told import ModelFailed, Told
    from nb2prod_worker.verbs import VERBS

    text = sys.stdin.read()
    if not text or os.getppid() != parent:
        sys.exit(1)
    job = json.loads(text)
    sys.stdout = sys.stderr
    try:
        answer = VERBS[job["verb"]](job)
    except Told as told:
        answer = {"told": {"what": told.what, "hint": told.hint, "code": told.code, "facts": told.facts}}
    except MemoryError:
        answer = {
            "told": {"what": "the memory is not enough", "hint": "free some, or predict a smaller file", "code": 3}
        }
    except OSError as error:
        what = f"{error.filename or 'a file'} cannot be read or written: {error.strerror or error}"
        answer = {"told": {"what": what, "hint": "see whether there is room, and who may write there", "code": 3}}
    except ModelFailed as failed:
        cause = failed.__cause__
        trace = "".join(traceback.format_exception(cause))
        error = f"{type(cause).__name__}: {cause}"
        answer = {"failed": {"where": str(failed), "error": error, "trace": trace, "hint": failed.hint}}
    except Exception:  # a bug of ours, which nb2prod reports as one
        answer = {"bug": traceback.format_exc()}
    Path(job["result"]).write_text(json.dumps(answer, default=str), encoding="utf-8")
    sys.stderr.flush()
    os._exit(0)  # taking the libraries apart would take longer than a small prediction


if __name__ == "__main__":
    main()
