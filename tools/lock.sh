#!/bin/sh
# Resolves requirements*.in anew, with uv from a throw-away virtual environment.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check uv
for name in requirements requirements-dev; do
    # Without index address and header: the lock says what, never from where.
    "$work/venv/bin/uv" pip compile --quiet --generate-hashes --no-emit-index-url --no-header \
        --python-version 3.11 --universal "$@" "$name.in" -o "$name.txt"
done
