"""A notebook that reads from an object store through boto3: read once, replayed in the proof, looked at when asked.

    python tests/long/object_store.py

It makes an environment of its own with boto3 and moto, whose server on this machine stands in for S3 and logs each
request. Exit code 1 where the object is read more often than once by a conversion, the proof reads it, a credential is
written anywhere, or `run --refresh` does not follow the object.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from integration.projects import artifacts, commit, dvc, git, nb2prod, notebook, write

SECRET = "canary-s3cr3t-value"
CELLS = (
    "import os\nimport boto3",
    (
        "stage:load",
        "s3 = boto3.client('s3', endpoint_url='{url}', region_name='us-east-1', aws_access_key_id='me',\n"
        "                  aws_secret_access_key=os.environ['STORE_SECRET'])\n"
        "found = s3.get_object(Bucket='data', Key='table.csv')\n"
        "rows = [line.split(',') for line in found['Body'].read().decode().splitlines()]",
    ),
    ("stage:sum", "total = sum(int(b) for _, b in rows[1:])\nprint(total)"),
    ("metrics", "result = total"),
)


def environment(folder: Path) -> Path:
    """An interpreter with boto3 and moto, and beside them what this one has; registered as the kernel `store`."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "env")], check=True)
    python = folder / "env" / "bin" / "python"
    pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "moto[server,s3]", "boto3"]
    subprocess.run(pip, check=True)
    site = next((folder / "env" / "lib").glob("python*/site-packages"))
    (site / "parent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    spec = folder / "jupyter" / "kernels" / "store" / "kernel.json"
    spec.parent.mkdir(parents=True)
    start = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": start, "display_name": "Store", "language": "python"}))
    os.environ["JUPYTER_PATH"] = str(folder / "jupyter")
    return python


def put(python: Path, url: str, text: str) -> None:
    """Write the object as somebody else would."""
    code = (
        f"import boto3; s3 = boto3.client('s3', endpoint_url={url!r}, region_name='us-east-1',"
        f" aws_access_key_id='me', aws_secret_access_key={SECRET!r})\n"
        "try:\n    s3.create_bucket(Bucket='data')\nexcept s3.exceptions.ClientError:\n    pass\n"
        f"s3.put_object(Bucket='data', Key='table.csv', Body={text!r})"
    )
    subprocess.run([python, "-c", code], check=True)


def main() -> int:
    """The number of things that are not as they should be."""
    bad = []

    def check(what: str, holds: bool) -> None:
        print(f"{'ok ' if holds else 'BAD'} {what}", flush=True)
        bad.extend([] if holds else [what])

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        python = environment(folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        url, log = f"http://127.0.0.1:{port}", folder / "server.log"
        with log.open("w") as out:
            server = subprocess.Popen(
                [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stderr=out, stdout=out
            )
        try:
            _wait(port)
            _story(folder / "project", python, url, log, check)
        finally:
            server.kill()
    return len(bad)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)


def _story(root: Path, python: Path, url: str, log: Path, check: object) -> None:
    assert callable(check)
    reads = lambda: log.read_text().count("GET /data/table.csv")  # noqa: E731
    put(python, url, "a,b\n1,2\n3,4\n")
    os.environ["STORE_SECRET"] = SECRET
    cells = [(tag[0], tag[1].replace("{url}", url)) if isinstance(tag, tuple) else tag for tag in CELLS]
    write(root / "work.ipynb", notebook(*cells, kernel="store"))
    git(root, "init", "-q")
    dvc(root, "init", "-q")
    refused = nb2prod(root, "convert", "work.ipynb", code=None)
    check("without consent it is refused and nothing is read", refused.returncode == 1 and reads() == 0)
    done = nb2prod(root, "convert", "work.ipynb", "--allow-network", code=None)
    print(done.stdout[-600:], done.stderr[-1500:] if done.returncode else "")
    check("the verdict is same", "verdict: same" in done.stdout)
    check(f"the object was read once ({reads()})", reads() == 1)
    commit(root)
    held = [path for path in root.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    check(f"the secret stands nowhere {held or ''}", not held)
    check("nothing to do", "nothing to do" in nb2prod(root, "run", "pipeline").stdout and reads() == 1)
    same = nb2prod(root, "run", "pipeline", "--refresh", code=None)
    check("refreshed, and the same: nothing runs", "nothing to do" in same.stdout)
    put(python, url, "a,b\n1,2\n3,5\n")
    other = nb2prod(root, "run", "pipeline", "--refresh", code=None)
    check("another object: load and what follows run", "ran: load, sum" in other.stdout)
    check("with its rows", b"7" in artifacts(root / "pipeline").get("metrics/sum.json", b""))


if __name__ == "__main__":
    sys.exit(min(main(), 1))
