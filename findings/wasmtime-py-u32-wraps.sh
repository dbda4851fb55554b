#!/usr/bin/env bash
# Software: wasmtime 50.0.1 of PyPI.
#
# Guess: a number that a `u32` of a component cannot hold is refused, as a string or a fraction is.
#
# Behaviour: a string and a fraction raise `TypeError`. -1 becomes 4294967295, and 2^32 becomes 0,
# without an error.
#
# Why it matters: a limit or a page size that is out of range arrives as another valid number. The
# range has to be checked before the call.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv venv
venv/bin/pip install --quiet wasmtime==50.0.1

cat > number.wat <<'WAT'
(component
  (core module $m (func (export "number") (param i32) (result i32) (local.get 0)))
  (core instance $i (instantiate $m))
  (func (export "number") (param "value" u32) (result u32) (canon lift (core func $i "number"))))
WAT
cat > run.py <<'PY'
from wasmtime import Engine, Store
from wasmtime.component import Component, Linker

engine = Engine()


def number(value):
    store = Store(engine)
    instance = Linker(engine).instantiate(store, Component.from_file(engine, "number.wat"))
    try:
        return instance.get_func(store, "number")(store, value)
    except TypeError:
        return "TypeError"


seen = [number(value) for value in (7, -1, 2**32, 1.5, "7")]
print("number(7), (-1), (2**32), (1.5), ('7'):", *seen)
assert seen == [7, 4294967295, 0, "TypeError", "TypeError"], seen
PY
venv/bin/python run.py
