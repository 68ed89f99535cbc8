#!/bin/sh
# Makes or renews the virtual environment given as $1 from the hashed requirements.
set -eu
venv=$1
python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "make: $python is older than Python 3.11; install it and run make PYTHON=python3.11" >&2
    exit 1
fi
# A venv that does not start (its Python was removed) is made from nothing.
if ! "$venv/bin/python" -c '' 2>/dev/null; then
    echo "venv: making $venv" >&2
    if ! "$python" -m venv --clear "$venv"; then
        echo "make: $python cannot make virtual environments; on Debian: apt-get install python3-venv" >&2
        exit 1
    fi
fi
echo "venv: installing the locked requirements" >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    -r requirements.txt -r requirements-dev.txt
