"""The lock for runs is given back when the last process that keeps it is gone."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import textwrap
import time

import pytest

from nb2prod.adapters.run_lock import held, lock_file, run_lock

#: Holds the lock, and has started a process that inherited it.
_HOLDER = textwrap.dedent("""
    import subprocess, sys, time
    from pathlib import Path
    from nb2prod.adapters.run_lock import held, lock_file, run_lock
    handle = lock_file(Path(sys.argv[1]))
    child = subprocess.Popen(["sleep", "60"], pass_fds=[handle])
    with held(handle, print):
        print(child.pid, flush=True)
        time.sleep(60)
""")


def is_free(top):
    handle = lock_file(top)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


def test_it_is_held_until_the_last_heir_of_a_killed_process_is_gone(tmp_path):
    command = [sys.executable, "-c", _HOLDER, str(tmp_path)]
    path = os.pathsep.join(filter(None, sys.path))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}) as holder:
        heir = int(holder.stdout.readline())
        holder.kill()
    assert not is_free(tmp_path)
    os.kill(heir, 9)
    until = time.monotonic() + 10
    while not is_free(tmp_path) and time.monotonic() < until:
        time.sleep(0.05)
    assert is_free(tmp_path)


def test_an_heir_does_not_keep_it_beyond_the_run(tmp_path):
    handle = lock_file(tmp_path)
    with subprocess.Popen(["sleep", "60"], pass_fds=[handle]) as heir:
        with held(handle, print):
            assert not is_free(tmp_path)
        assert is_free(tmp_path)
        with pytest.raises(KeyError), held(handle, print):
            raise KeyError
        assert is_free(tmp_path)
        heir.kill()
    os.close(handle)


def test_who_waits_says_for_whom(tmp_path):
    handle, notes = lock_file(tmp_path), []

    class Told(Exception):
        """Enough was seen."""

    def note(text):
        notes.append(text)
        raise Told

    with held(handle, print), pytest.raises(Told), run_lock(tmp_path, None, note):
        pass
    os.close(handle)
    assert f"process {os.getpid()}" in notes[0]
    with run_lock(tmp_path, None, note):
        pass
