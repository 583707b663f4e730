"""Tags are created once, read as they were written, and a killed git stands in nobody's way."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from nb2prod.adapters import tags
from nb2prod.adapters.remotes import fetch_tags, push_tags, remote_of
from nb2prod.release.binding import body


@pytest.fixture
def top(tmp_path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    for command in (
        "git init -q",
        "git config user.name team-a",
        "git config user.email team-a@example.org",
        "git commit -q --allow-empty -m x",
    ):
        subprocess.run(command.split(), cwd=folder, check=True)
    return folder


def test_who_creates_it_first_has_won(top):
    text = 'churn v1: passed\n\n{"version": 1}\n# no comment\n'
    assert tags.create_tag(top, "churn@v1.0.0", "HEAD", text, at=1_700_000_000)
    assert not tags.create_tag(top, "churn@v1.0.0", "HEAD", "another", at=1_700_000_001)
    subprocess.run(["git", "tag", "light"], cwd=top, check=True)
    (found,) = tags.read_tags(top)
    assert (found.name, found.message, found.by) == ("churn@v1.0.0", text, "team-a")
    assert found.at == "2023-11-14T22:13:20Z" and not found.signed


def test_the_lock_of_a_killed_git_is_removed(top):
    (top / ".git" / "refs" / "tags" / "churn#production#1.lock").touch()
    with tags.one_at_a_time(top):
        assert tags.create_tag(top, "churn#production#1", "HEAD", "x", at=1_700_000_000)


def test_what_another_clone_wrote_first(top, tmp_path):
    subprocess.run(["git", "clone", "-q", "--bare", str(top), str(tmp_path / "bare.git")], check=True)
    for name in ("one", "two"):
        subprocess.run(["git", "clone", "-q", str(tmp_path / "bare.git"), str(tmp_path / name)], check=True)
    one, two = tmp_path / "one", tmp_path / "two"
    for clone, text in ((one, "first"), (two, "second")):
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a", "tag", "-am", text, "churn#p#1"], cwd=clone, check=True
        )
    assert remote_of(one) == "origin" and remote_of(top) is None
    assert push_tags(one, "origin", ("churn#p#1",)) == "pushed"
    assert push_tags(two, "origin", ("churn#p#1",)) == "taken"
    fetched = fetch_tags(two, "origin")
    assert fetched.clashes == ("churn#p#1",), fetched
    assert "does not" in push_tags(two, "nowhere", ("churn#p#1",))


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen makes the key")
def test_a_signed_tag_says_so(top, tmp_path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    assert not tags.signs(top)
    for setting in (("gpg.format", "ssh"), ("user.signingkey", str(tmp_path / "key"))):
        subprocess.run(["git", "config", *setting], cwd=top, check=True)
    assert tags.signs(top)
    text = 'x\n\n{"version": 1, "k": 2}'
    assert tags.create_tag(top, "churn@v1.0.0", "HEAD", text, at=1_700_000_000, sign=True)
    (found,) = tags.read_tags(top)
    assert found.signed and body(found.message) == {"version": 1, "k": 2}
