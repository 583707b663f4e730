"""Secrets by form, what they are not, and that no report repeats one.

The tokens are drawn when the tests run: none stands in this repository.
"""

from __future__ import annotations

import json
import random
import string
from re import _parser  # the only one who knows how long a match is at least

import pytest

from nb2prod.lint.secrets.find import find_hidden, find_secrets
from nb2prod.lint.secrets.formats import secret_table
from nb2prod.lint.secrets.mask import REMOVED, masked_text, scrubbed, scrubbed_json
from nb2prod.lint.secrets.random_text import is_random

_DRAW = random.Random(4)
_MIXED = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"


def drawn(size: int, letters: str = _MIXED) -> str:
    return "".join(_DRAW.choice(letters) for _ in range(size))


# (name of the format, the text around the secret, the secret)
# fmt: off
_TOKENS = [
    ("AWS access key", "{}", "AKIA" + drawn(16, string.ascii_uppercase + "234567")),
    ("AWS secret key", 'aws_secret_access_key = "{}"', drawn(40, _MIXED + "/+")),
    ("GitHub token", "{}", "ghp_" + drawn(36)),
    ("GitHub token", "https://{}@github.com/ada/x.git", "github_pat_" + drawn(22) + "_" + drawn(59)),
    ("GitLab token", "{}", "glpat-" + drawn(20)),
    ("Slack token", "xoxb-8234567890-8234567891-{}", drawn(24)),
    ("Slack webhook", "https://hooks.slack.com/services/{}", f"T{drawn(8)}/B{drawn(8)}/{drawn(24)}"),
    ("Google API key", "{}", "AIza" + drawn(35)),
    ("Google OAuth secret", "{}", "GOCSPX-" + drawn(28)),
    ("Stripe key", "{}", "sk_live_" + drawn(24)),
    ("Anthropic key", "{}", "sk-ant-api03-" + drawn(93)),
    ("OpenAI key", "{}", "sk-" + drawn(48)),
    ("OpenAI key", "{}", "sk-proj-" + drawn(60)),
    ("Hugging Face token", "{}", "hf_" + drawn(34)),
    ("Groq key", "{}", "gsk_" + drawn(52)),
    ("Replicate token", "{}", "r8_" + drawn(37)),
    ("LangSmith key", "{}", f"lsv2_pt_{drawn(32, _HEX)}_{drawn(10, _HEX)}"),
    ("Kaggle key", '{{"username":"ada","key":"{}"}}', drawn(32, _HEX)),
    ("Weights & Biases key", "wandb login {}", drawn(40, _HEX)),
    ("Azure storage key", "AccountName=x;AccountKey={};EndpointSuffix=core.windows.net", drawn(86) + "=="),
    ("Azure signed URL", "https://x.blob.core.windows.net/c?sv=2020-01-01&sig={}", drawn(43) + "%3D"),
    ("Azure client secret", "{}", drawn(3) + "8Q~" + drawn(34)),
    ("Databricks token", "{}", "dapi" + drawn(32, _HEX)),
    ("SendGrid key", "{}", f"SG.{drawn(22)}.{drawn(43)}"),
    ("Twilio key", "{}", "SK" + drawn(32, _HEX)),
    ("Mailgun or Mailchimp key", "{}", drawn(32, _HEX) + "-us12"),
    ("Telegram bot token", "{}", "8294017265:AA" + drawn(33)),
    ("Discord webhook", "https://discord.com/api/webhooks/{}", f"829401726582940172/{drawn(68)}"),
    ("package registry token", "{}", "npm_" + drawn(36)),
    ("cloud platform token", "{}", "dop_v1_" + drawn(64, _HEX)),
    ("shop or payment token", "{}", "shpat_" + drawn(32, _HEX)),
    ("workspace token", "{}", "ntn_" + drawn(46)),
    ("JSON web token", "{}", f"eyJhbGciOiJIUzI1NiJ9.eyJ{drawn(40)}.{drawn(43)}"),
    ("private key", "-----BEGIN RSA PRIVATE KEY-----{}-----END RSA PRIVATE KEY-----", f"\n{drawn(64)}\n{drawn(64)}\n"),
    ("password in a connection string", "mongodb+srv://ada:{}@cluster0.mongodb.net", drawn(12)),
    ("password in a connection string", "Driver=x;Server=tcp:y;Uid=ada;Pwd={};", drawn(12)),
    ("password in a URL", "https://ada:{}@files.internal", drawn(12)),
    ("bearer token", "Authorization: Bearer {}", drawn(32)),
    ("basic authorization", "Authorization: Basic {}", drawn(24)),
    ("password on a command line", "curl -u ada:{} https://files.internal", drawn(12)),
    ("Jupyter server token", "http://localhost:8888/?token={}", drawn(48, _HEX)),
]
# fmt: on


@pytest.mark.parametrize(("kind", "around", "secret"), _TOKENS, ids=lambda value: value if " " in str(value) else "")
def test_a_token_is_found_by_its_form(kind, around, secret):
    text = f"before {around.format(secret)} after"
    assert [(one.kind, one.value, text[one.start : one.end]) for one in find_secrets(text)] == [(kind, secret, secret)]
    assert secret not in masked_text(text)
    assert len(masked_text(text)) == len(text)


@pytest.mark.parametrize(("kind", "around", "secret"), _TOKENS, ids=lambda value: value if " " in str(value) else "")
def test_an_output_is_scrubbed_of_it_and_of_nothing_else(kind, around, secret):
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["loss 0.25\n", around.format(secret) + "\n"]},
        {
            "output_type": "display_data",
            "data": {"image/png": secret, "application/json": {"a": [around.format(secret)]}},
        },
    ]
    clean = scrubbed_json(outputs)
    text = json.dumps(clean[0]) + json.dumps(clean[1]["data"]["application/json"])
    assert secret.strip() not in json.loads(json.dumps(text)) and json.dumps(secret)[1:-1] not in text
    assert clean[0]["text"][0] == "loss 0.25\n" and REMOVED in text
    assert clean[1]["data"]["image/png"] == secret, "images stay"


def test_most_formats_of_the_table_are_tried_here():
    known = {one.name for one in secret_table().formats}
    assert {kind for kind, _, _ in _TOKENS} <= known
    assert len({kind for kind, _, _ in _TOKENS}) > 0.7 * len(known)


@pytest.mark.parametrize("form", [one for one in secret_table().formats if one.run], ids=lambda form: form.name)
def test_a_row_is_no_longer_than_the_shortest_token(form):
    shortest, _ = _parser.parse(form.expression).getwidth()
    assert 16 <= form.run <= shortest


_TOKEN = "ghp_" + drawn(36)


@pytest.mark.parametrize(
    "text",
    [
        f'\x1b[32m"{_TOKEN}"\x1b[39m',
        f"\x1b[31m{_TOKEN}\x1b[0m",
        f"<td>{_TOKEN}</td>",
        f"<span>{_TOKEN[:9]}</span><span>{_TOKEN[9:]}</span>",
        f"&lt;{_TOKEN}&gt;",
        json.dumps(f"x\n{_TOKEN}\n"),
        json.dumps(json.dumps(f"x\n{_TOKEN}\n")),
        json.dumps({"a": json.dumps({"b": f"\t{_TOKEN}"})}),
    ],
)
def test_what_hides_a_token_is_undone(text):
    assert _TOKEN in {one.value for one in find_hidden(text)}
    assert not find_hidden(scrubbed(text))


def test_hashes_ids_words_and_rows_are_not_random_but_tokens_are():
    words = [
        "distilbert-base-uncased-finetuned-sst-2-english",
        "transformer_encoder_layer",
        "a" * 40,
        string.ascii_letters,
    ]
    assert not [text for text in words if is_random(text)]
    assert sum(is_random(drawn(24)) for _ in range(400)) > 0.96 * 400


def test_no_wolf_is_cried_on_hashes_ids_images_and_samples():
    quiet = [
        *(drawn(size, _HEX) for size in (32, 40, 64)),
        f"commit {drawn(40, _HEX)}",
        f"sha256:{drawn(64, _HEX)}",
        f"https://drive.google.com/uc?id={drawn(33)}",
        f'<img src="data:image/png;base64,{drawn(5000, _MIXED + "+/")}">',
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
        + drawn(43),
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "sk-" + "X" * 48,
        "hf_YourTokenGoesHereAndIsReplacedSoon",
        'api_key = "' + "0123456789abcdef" * 2 + '"',
    ]
    assert [text for text in quiet if find_hidden(text)] == []


def test_a_megabyte_of_anything_takes_no_quadratic_time():
    shapes = [
        "key=",
        "?sv=2020-01-01&",
        "curl -u ",
        "postgres://",
        "eyJ",
        "\\u0022",
        "<span ",
        "-----BEGIN PRIVATE KEY-----",
        "token: ",
    ]
    for shape in shapes:
        assert find_hidden(shape * (300_000 // len(shape))) == []
