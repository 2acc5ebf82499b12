#!/usr/bin/env bash
# Loads the exports of a small result with pyam, pandas, DuckDB and SALib, in a virtual environment below target/.
# Skipped, with a line that says so, where python3 or the package index is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    echo "interop: skipped, no python3 of 3.10 or later with venv"
    exit 0
fi
environment=target/interop/venv
if ! python3 -m venv "$environment" >/dev/null 2>&1; then
    echo "interop: skipped, python3 cannot make a virtual environment"
    exit 0
fi
if ! "$environment/bin/python" -m pip install --quiet --disable-pip-version-check -r tests/interop/requirements.txt; then
    echo "interop: skipped, the packages of tests/interop/requirements.txt could not be installed"
    exit 0
fi
result=target/interop/result
monazite() { cargo run --locked --quiet -- "$@"; }
monazite run configs/scenarios/heavies_licence.ron -o "$result" --seeds 1..12 --force --quiet >/dev/null
monazite export "$result" --format iamc -o target/interop/iamc.csv --quiet >/dev/null
monazite export "$result" --format csv -o target/interop/csv --quiet >/dev/null
monazite export "$result" --format parquet -o target/interop/parquet --quiet >/dev/null
"$environment/bin/python" tests/interop/exports.py target/interop/iamc.csv target/interop/csv target/interop/parquet
