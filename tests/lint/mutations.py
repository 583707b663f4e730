"""Broken notebooks: a seed → bytes. Each mends nothing: whatever comes out, `check` must say something sensible."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

Document = dict[str, Any]
EXAMPLES = Path(__file__).parents[2] / "example_notebooks"
CANARY = "nb2prod-canary"
# Code that would leave a file if anybody ran it.
_BAITS = [
    f"open('{CANARY}', 'w').close()",
    f"!touch {CANARY}",
    f"%%bash\ntouch {CANARY}",
    f"%%writefile {CANARY}\nx",
    f"%run {CANARY}.py",
    f"__import__('os').system('touch {CANARY}')",
    f"@__import__('os').system\ndef f(): 'touch {CANARY}'",
    f"class A(metaclass=lambda *a: open('{CANARY}', 'w')): pass",
    f'f\'{{open("{CANARY}", "w")}}\'',
    f"x: open('{CANARY}', 'w') = 1",
    f"%load {CANARY}.py",
    f"%timeit open('{CANARY}', 'w')",
    f"import pickle; pickle.loads(b\"cos\\nsystem\\n(S'touch {CANARY}'\\ntR.\")",
]
_CODE = [
    "import pandas as pd\nfrom sklearn.model_selection import train_test_split\nframe = pd.read_csv('data.csv')",
    "X_train, X_test, y_train, y_test = train_test_split(frame[['x']], frame['y'])",
    "model = RandomForestClassifier().fit(X_train, y_train)\nprint(model.score(X_test, y_test))",
    "api_key = 'q8Zr1LmX0vT5nWc3Rk7u'\nfor name in {'a', 'b'}: print(name)",
    "def f(x, *a, k=1, **kw):\n    global y\n    y = x + z\n    return lambda: y\nf(1)",
    "%matplotlib inline\n!pip install pandas\nfiles = !ls",
    "match x:\n    case {'a': [1, *rest]}: pass\nawait thing()\nwith open('/content/x.txt') as f: t = f.read()",
    "df['x'] = df['x'] * 2; counter += 1; del df",
]
_ESCAPES = [
    *("\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "\x9b31m", "\x07\x08\x08\r"),
    *("\u202egnp.exe", "\u2066x\u2069", "\x1bP1$r\x1b\\", "\x00", "\x1b[6n", "\x85", "\ufeff", "\u2028", "\x0c"),
]
_WRONG: list[Any] = [
    *(None, True, 0, -1, 1.5, 10**400, 1e308, "", "x", [], {}, [[]], [None], [1], {"a": None}, ["a", 1, None]),
    *({"a": {"a": {"a": []}}}, "\ud800", "\x1b[31m", ["\ud800", "\x00"], [{}], {"": ""}),
]


def mutated(seed: int) -> tuple[str, bytes]:
    """The name of the mutation, and the file."""
    draw = random.Random(seed)
    name, mutate = draw.choice(list(_MUTATIONS.items()))
    document = _base(draw)
    result = mutate(draw, document)
    if isinstance(result, bytes):
        return name, result
    text = json.dumps(document if result is None else result, ensure_ascii=draw.random() < 0.5)
    return name, text.encode("utf-8", "surrogatepass")


def _base(draw: random.Random) -> Document:
    """An example of ours, cut short, or one that is put together."""
    if draw.random() < 0.3:
        path = draw.choice(sorted(EXAMPLES.glob("*.ipynb")))
        document: Document = json.loads(path.read_text(encoding="utf-8"))
        document["cells"] = document["cells"][: draw.randint(1, 12)]
        return document
    cells = [_code(draw, draw.choice(_BAITS if draw.random() < 0.4 else _CODE)) for _ in range(draw.randint(1, 8))]
    cells.insert(0, {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "# A title\npassword: 'hR7#kq9!x'"})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}


def _code(draw: random.Random, source: str) -> Document:
    outputs: list[Document] = [
        {"output_type": "stream", "name": "stdout", "text": ["loss 0.2\n", "password='hR7#kq9!x'\n"]},
        {
            "output_type": "execute_result",
            "metadata": {},
            "execution_count": 1,
            "data": {"text/html": "<td>a@b.org</td>"},
        },
        {"output_type": "error", "ename": "ValueError", "evalue": "x", "traceback": ["\x1b[31mValueError\x1b[0m: x"]},
    ]
    return {
        "cell_type": "code",
        "id": f"c{draw.randrange(10**6)}",
        "metadata": {"tags": draw.choice([[], ["stage:a"], ["parameters"], ["skip", "stage:b c"]])},
        "source": source if draw.random() < 0.5 else source.splitlines(keepends=True),
        "outputs": draw.sample(outputs, draw.randint(0, 3)),
        "execution_count": draw.choice([None, 1, 2, 3]),
    }


def _cell(draw: random.Random, document: Document) -> Document:
    cells = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    return dict_of(draw.choice(cells or document["cells"]))


def dict_of(value: Any) -> Document:
    assert isinstance(value, dict)
    return value


def _bytes(draw: random.Random, document: Document) -> bytes:
    """Bytes changed, put in and taken away."""
    data = bytearray(json.dumps(document).encode())
    for _ in range(draw.choice([1, 3, 30, 300])):
        at = draw.randrange(len(data))
        step = draw.randrange(3)
        data[at : at + (step != 1)] = bytes([draw.randrange(256)]) if step < 2 else b""
    return bytes(data)


def _cut(draw: random.Random, document: Document) -> bytes:
    data = json.dumps(document).encode()
    return data[: draw.randrange(len(data))] if draw.random() < 0.5 else data[draw.randrange(len(data)) :]


def _noise(draw: random.Random, _: Document) -> bytes:
    return draw.randbytes(draw.choice([0, 1, 10, 1000, 100_000]))


def _other_json(draw: random.Random, _: Document) -> bytes:
    texts = ["", "null", "[]", "{}", "1", '"x"', "NaN", '{"cells": null}', '{"cells": {}, "nbformat": 4}', "{" * 10**5]
    return draw.choice(texts).encode()


def _wrong_types(draw: random.Random, document: Document) -> None:
    """Members anywhere in the tree become something else."""
    for _ in range(draw.choice([1, 2, 10])):
        place: Any = document
        while True:
            key: Any = draw.choice(list(place)) if isinstance(place, dict) else draw.randrange(len(place))
            child = place[key]
            if not isinstance(child, dict | list) or not child or draw.random() < 0.3:
                break
            place = child
        place[key] = copy.deepcopy(draw.choice(_WRONG))
        if not document or (place is document and not isinstance(document.get("cells"), list)):
            break


def _missing(draw: random.Random, document: Document) -> None:
    for cell in document["cells"]:
        for key in list(cell):
            if draw.random() < 0.2:
                del cell[key]
    if draw.random() < 0.2:
        del document[draw.choice(list(document))]


def _deep_json(draw: random.Random, document: Document) -> bytes:
    text = json.dumps(document)
    depth = draw.choice([100, 900, 1100, 5000, 200_000])
    nest = draw.choice(["[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth])
    return text.replace('"metadata": {', f'"metadata": {{"deep": {nest}, ', draw.choice([1, 2])).encode()


def _deep_output(draw: random.Random, document: Document) -> bytes:
    depth = draw.choice([100, 900, 5000, 100_000])
    data = {"application/json": "DEEP"}
    _cell(draw, document)["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": data}]
    return json.dumps(document).replace('"DEEP"', "[" * depth + "]" * depth).encode()


def _deep_python(draw: random.Random, document: Document) -> None:
    depth = draw.choice([50, 150, 190, 210, 1000, 20_000])
    shapes: list[Callable[[int], str]] = [
        *(
            lambda n: "x = " + "(" * n + "1" + ")" * n,
            lambda n: "x = " + "[" * n + "]" * n,
            lambda n: "x = " + "-" * n + "1",
        ),
        *(
            lambda n: "x = " + "+".join("a" * n),
            lambda n: "x" + ".a" * n,
            lambda n: "x" + "[0]" * n,
            lambda n: "f" + "()" * n,
        ),
        *(lambda n: "x = " + "not " * n + "y", lambda n: "x = " + "lambda: " * n + "y", lambda n: "a" + "=a" * n),
        lambda n: (
            "\n".join("  " * level + "if x:" for level in range(min(n, 2000))) + "\n" + "  " * min(n, 2000) + "y = 1"
        ),
        lambda n: "\n".join("  " * at + f"def f{at}():" for at in range(min(n, 900))) + "\n" + "  " * min(n, 900) + "z",
        lambda n: "x = " + "f'{" * min(n, 4) + "1" + "}'" * min(n, 4) + " if a else " * n + "b",
        lambda n: "if a: pass\n" + "elif a: pass\n" * n,
        lambda n: "x = " + "{" * n + "}" * n + "\n" + "try:\n pass\nexcept A: pass\n" * n,
    ]
    _cell(draw, document)["source"] = draw.choice(shapes)(depth)


def _escapes(draw: random.Random, document: Document) -> None:
    """Terminal escapes, wherever a message may quote them."""
    for _ in range(draw.randint(1, 6)):
        bad = draw.choice(_ESCAPES)
        cell = _cell(draw, document)
        place = draw.randrange(8)
        if place == 0:
            cell["source"] = f"print({bad}undefined)"
        elif place == 1:
            cell["source"] = f"frame = pd.read_csv('/content/{bad}data.csv')\npassword = 'hR7{bad}kq9!x'"
        elif place == 2:
            cell["id"] = f"id{bad}"
        elif place == 3:
            document["metadata"]["kernelspec"] = {"name": f"py{bad}", "language": draw.choice(["python", f"R{bad}"])}
        elif place == 4:
            cell["outputs"] = [
                {"output_type": "stream", "name": f"std{bad}", "text": f"token='b7Qx2ZpL9mKt4WvN8sRd'{bad}"}
            ]
        elif place == 5:
            cell["metadata"] = {"tags": [f"stage:{bad}", bad]}
        elif place == 6:
            cell["source"] = f"import pandas as {bad}\n%{bad}magic\n!{bad}"
        else:
            cell["source"] = f"def fü{bad}(): return x\n{bad}\nfü()\napi_key = 'q8Zr1{bad}LmX0vT5nWc3Rk7u'"


def _huge(draw: random.Random, document: Document) -> None:
    texts: list[Callable[[], str]] = [
        *(lambda: "x = 1\n" * 100_000, lambda: "# " + "x" * 2_000_000, lambda: "x = '" + "a" * 2_000_000 + "'"),
        *(lambda: "\n" * 200_000, lambda: "x = " + "9" * 50_000, lambda: "x = [" + "1, " * 100_000 + "]"),
        *(lambda: "a b " * 100_000, lambda: "%magic\n" * 5_000, lambda: "'" * 100_001, lambda: "key=" * 200_000),
        *(
            lambda: "".join(f"x{n} = x{n - 1}\n" for n in range(1, 4000)),
            lambda: "\\\n" * 50_000,
            lambda: "\t" * 300_000,
        ),
        *(
            lambda: "!" * 200_000,
            lambda: "?" * 200_000,
            lambda: "x = !ls\n" * 2000,
            lambda: "password = 'hR7#kq9!x'\n" * 2000,
        ),
    ]
    cell = _cell(draw, document)
    if draw.random() < 0.7:
        cell["source"] = draw.choice(texts)()
    else:
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": draw.choice(texts)()}]


def _many_cells(draw: random.Random, document: Document) -> None:
    document["cells"] = document["cells"] * draw.choice([20, 100])


def _characters(draw: random.Random, document: Document) -> None:
    odd = [
        "\x00",
        "\ud800",
        "\udfff",
        "\U0001f600",
        "é",
        "ﬁ",
        "𝐱",
        "\u3000",
        "\r",
        "\r\n",
        "\x0c",
        "\x1a",
        "\ufffe",
        "²",
        "٣",
    ]
    for cell in document["cells"]:
        text = "".join(cell.get("source", ""))
        for _ in range(draw.randint(0, 3)):
            at = draw.randint(0, len(text))
            text = text[:at] + draw.choice(odd) + text[at:]
        cell["source"] = text


def _numbers(draw: random.Random, document: Document) -> bytes:
    text = json.dumps(document)
    number = draw.choice(["9" * 5000, "-" + "9" * 400, "1e999", "-0", "0.1e-999", "NaN", "Infinity", "1" + "0" * 20])
    for name in ("execution_count", "nbformat", "nbformat_minor"):
        if draw.random() < 0.6:
            text = text.replace(f'"{name}": ', f'"{name}": {number}, "_": ', 3)
    return text.encode()


def _encodings(draw: random.Random, document: Document) -> bytes:
    text = json.dumps(document, ensure_ascii=False, indent=draw.choice([None, 1]))
    forms: list[Callable[[str], bytes]] = [
        *(
            lambda t: b"\xef\xbb\xbf" + t.encode(),
            lambda t: t.replace("\n", "\r\n").encode(),
            lambda t: t.encode("utf-16"),
        ),
        *(
            lambda t: t.encode("utf-8") + b"\x00",
            lambda t: t.encode("latin-1", "replace"),
            lambda t: b"\xff\xfe" + t.encode(),
        ),
        *(lambda t: t.encode() * 2, lambda t: t.replace('"', "'").encode(), lambda t: (t + "\n\x1a").encode()),
        lambda t: t.replace('"source"', '"source": "x", "source"').encode(),
    ]
    return draw.choice(forms)(text)


def _old_formats(draw: random.Random, document: Document) -> Document:
    cells = [{**cell, "input": cell.get("source"), "prompt_number": 1} for cell in document["cells"]]
    number = draw.choice([1, 2, 3, 5, "4", None])
    return {"nbformat": number, "worksheets": [{"cells": cells}], "metadata": draw.choice([{}, None, [], {"name": 1}])}


def _shuffled_code(draw: random.Random, document: Document) -> None:
    """Lines of one cell in another, half statements, words put together at random."""
    lines = [line for cell in document["cells"] for line in "".join(cell["source"]).split("\n")]
    words = [
        "(",
        ")",
        "[",
        ":",
        "=",
        "%",
        "!",
        "?",
        "lambda",
        "await",
        "yield",
        "\\",
        "'''",
        "@",
        "async",
        "f'",
        ";",
        "%%",
        "{x!r:{y}}",
    ]
    for cell in document["cells"]:
        kept = draw.sample(lines, min(len(lines), draw.randint(1, 12)))
        kept = [
            line[: draw.randint(0, len(line))] + draw.choice(["", *words]) if draw.random() < 0.3 else line
            for line in kept
        ]
        cell["source"] = "\n".join(kept)


_MUTATIONS: dict[str, Callable[[random.Random, Document], Any]] = {
    one.__name__.strip("_"): one
    for one in (
        *(_bytes, _cut, _noise, _other_json, _wrong_types, _missing, _deep_json, _deep_output, _deep_python, _escapes),
        *(_huge, _many_cells, _characters, _numbers, _encodings, _old_formats, _shuffled_code),
    )
}
