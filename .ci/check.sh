#!/bin/sh
# What needs no kernel: style, types, the arrows between the layers. $1: the environment's bin folder.
set -eu
bin=${1:-.venv/bin}
"$bin/ruff" check .
"$bin/ruff" format --check .
"$bin/mypy"
"$bin/lint-imports" --no-cache 2>/dev/null || "$bin/lint-imports"
