#!/bin/sh
# The panel: its server part, its own tests, the wheel, and the user's story in Chromium. $1: the environment's bin folder.
# What needs npm's registry or a browser says that it is skipped where there is none.
set -eu
cd "$(dirname "$0")/.."
bin=$(cd "${1:-.venv-lab/bin}" && pwd)
export PATH="$bin:$PATH" PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

# Beside what npm fetches and builds, which is waiting for the most part; done before anything is installed.
mkdir -p build
"$bin/python" -m pytest -p pytest_jupyter.jupyter_server --show-capture=no tests/server tests/widgets >build/lab-server.log 2>&1 &
server=$!
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true' EXIT

tested() {
  [ -z "$server" ] || wait "$server" || { cat build/lab-server.log; exit 1; }
  [ -z "$server" ] || tail -1 build/lab-server.log
  server=
}

skip() {
  tested
  echo "skipped: $1"
  exit 0
}

command -v node >/dev/null || skip "there is no node: the panel is neither built nor tested"
command -v npm >/dev/null && reach="npm view rimraf version" || reach=true
timeout 60 $reach >/dev/null 2>&1 || skip "npm's registry cannot be reached: the panel is neither built nor tested"

(cd labextension && timeout 600 jlpm install --immutable >build.log 2>&1) || { tail -20 labextension/build.log; exit 1; }
rm -f labextension/build.log
(cd labextension/ui-tests && timeout 300 jlpm install --immutable >/dev/null)
(cd labextension && jlpm eslint && jlpm test --ci --silent)

# The wheel as it is released: built once, looked into, installed.
rm -rf nb2prod/labextension build/lab
"$bin/python" -m build --wheel --no-isolation --outdir build/lab . >/dev/null
"$bin/python" labextension/look_into_wheel.py build/lab/*.whl
tested
"$bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall build/lab/*.whl
(cd build/lab && "$bin/jupyter" labextension list 2>&1 | grep -q "nb2prod.*enabled.*OK")
(cd build/lab && "$bin/jupyter" server extension list 2>&1 | grep -q "nb2prod.server.*OK")

chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
[ -n "$chromium" ] || skip "there is no Chromium: the story is not played"
cd labextension/ui-tests
rm -rf test-results && mkdir test-results
export NB2PROD_CHROMIUM="$chromium" NB2PROD_PYTHON="$bin/python"
node_modules/.bin/playwright test --config own.config.js >test-results/own.log 2>&1 &
own=$!
status=0
node_modules/.bin/playwright test || status=1
wait "$own" || status=1
cat test-results/own.log
exit "$status"
