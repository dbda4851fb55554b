#!/usr/bin/env bash
# Software: wasmtime 48.0.8, the Rust library.
#
# Guess: a string that a component returns as `WasmStr`, and a list as `WasmList`, can be read after
# the call: their documentation names results of `TypedFunc` as their use, and the caller no longer
# says that it has read them, since `TypedFunc::post_return` does nothing.
#
# Behaviour: `TypedFunc::call` runs the component's `post-return` before it returns. Both are then
# views of memory that the component has freed, and give without an error whatever is there now.
# `String` and `Vec` of the same function are right, as they are copied before.
#
# Why it matters: an allocator overwrites a part of what it frees, at once or later, so a host that
# reads large results in place to save a copy gets damaged ones.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "views"
version = "0.0.0"
edition = "2024"

[dependencies.wasmtime]
version = "=48.0.8"
default-features = false
features = ["component-model", "cranelift", "runtime", "std", "wat"]
TOML
# As an allocator does, `freed` writes to what it frees.
cat > src/text.wat <<'WAT'
(component
  (core module $m
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\07\00\00\00")
    (data (i32.const 16) "contoso")
    (func (export "text") (result i32) (i32.const 0))
    (func (export "freed") (param i32)
      (memory.fill (i32.const 16) (i32.const 0x2d) (i32.const 4))))
  (core instance $i (instantiate $m))
  (func (export "text") (result string)
    (canon lift (core func $i "text") (memory (core memory $i "memory")) (post-return (core func $i "freed"))))
  (func (export "letters") (result (list u8))
    (canon lift (core func $i "text") (memory (core memory $i "memory")) (post-return (core func $i "freed")))))
WAT
cat > src/main.rs <<'RUST'
//! Prints what a string and a list of a component are, copied and as views.
use wasmtime::component::{Component, Instance, Linker, WasmList, WasmStr};
use wasmtime::{Engine, Result, Store};

fn main() -> Result<()> {
    let engine = Engine::default();
    let component = Component::new(&engine, include_str!("text.wat"))?;
    let new = || -> Result<(Store<()>, Instance)> {
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate(&mut store, &component)?;
        Ok((store, instance))
    };
    let (mut store, instance) = new()?;
    let (text,) = instance.get_typed_func::<(), (String,)>(&mut store, "text")?.call(&mut store, ())?;
    println!("String: {text}");
    let (mut store, instance) = new()?;
    let (text,) = instance.get_typed_func::<(), (WasmStr,)>(&mut store, "text")?.call(&mut store, ())?;
    println!("WasmStr: {}", text.to_str(&store)?);
    let (mut store, instance) = new()?;
    let letters = instance.get_typed_func::<(), (Vec<u8>,)>(&mut store, "letters")?;
    let (letters,) = letters.call(&mut store, ())?;
    println!("Vec: {}", String::from_utf8_lossy(&letters));
    let (mut store, instance) = new()?;
    let letters = instance.get_typed_func::<(), (WasmList<u8>,)>(&mut store, "letters")?;
    let (letters,) = letters.call(&mut store, ())?;
    println!("WasmList: {}", String::from_utf8_lossy(letters.as_le_slice(&store)));
    Ok(())
}
RUST
CARGO_TARGET_DIR="$place/target" cargo run --quiet | tee seen
diff - seen <<'SEEN'
String: contoso
WasmStr: ----oso
Vec: contoso
WasmList: ----oso
SEEN
