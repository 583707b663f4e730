"""In which forms a secret is known."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

VALUE = "c\u00e4n/ry+9f8e?7d'6c"


@pytest.mark.parametrize("before", ["", "m", "me", "me:", "user"])
@pytest.mark.parametrize("write", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("after", ["", "!", "!!"])
def test_in_base64_wherever_it_stands(stage, monkeypatch, before, write, after):
    monkeypatch.setitem(stage.SECRETS, "KEY", stage._forms(VALUE))
    assert stage.secret_in(b"Basic " + write(f"{before}{VALUE}{after}".encode())) == "KEY"
    assert stage.secret_in(b"Basic " + write(f"{before}{VALUE[::-1]}{after}".encode())) == ""


@pytest.mark.parametrize("write", [str, quote, quote_plus, json.dumps, repr])
def test_in_a_text(stage, monkeypatch, write):
    monkeypatch.setitem(stage.SECRETS, "KEY", stage._forms(VALUE))
    assert stage.secret_in(f"x{write(VALUE)}y".encode()) == "KEY"
