#!/usr/bin/env bash
# Software: wasmtime 48.0.0 and 49.0.0 of PyPI.
#
# Guess: a component may not set the header `host`, so its host sets it: HTTP/1.1 requires the
# header, and servers refuse a request without one.
#
# Behaviour: version 48.0.0 sends the requests of `wasi:http` without `host`; 46.0.1 and 49.0.0
# send it.
#
# Why it matters: the component cannot mend it, for `host` is forbidden to it. A server of a test
# often does not ask for the header, so such a test passes, and the first real server says 400.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

# A component that sends one GET and waits for the answer.
cat > send.wat <<'WAT'
(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:http/types@0.2.0" (instance $types
    (alias outer 1 $pollable (type $outer-pollable))
    (export "pollable" (type $pollable (eq $outer-pollable)))
    (export "fields" (type $fields (sub resource)))
    (export "outgoing-request" (type $request (sub resource)))
    (export "request-options" (type $options (sub resource)))
    (export "future-incoming-response" (type $future (sub resource)))
    (type $scheme' (variant (case "HTTP") (case "HTTPS") (case "other" string)))
    (export "scheme" (type $scheme (eq $scheme')))
    (type $dns' (record (field "rcode" (option string)) (field "info-code" (option u16))))
    (export "DNS-error-payload" (type $dns (eq $dns')))
    (type $alert' (record (field "alert-id" (option u8)) (field "alert-message" (option string))))
    (export "TLS-alert-received-payload" (type $alert (eq $alert')))
    (type $size' (record (field "field-name" (option string)) (field "field-size" (option u32))))
    (export "field-size-payload" (type $size (eq $size')))
    (type $code' (variant
      (case "DNS-timeout") (case "DNS-error" $dns) (case "destination-not-found")
      (case "destination-unavailable") (case "destination-IP-prohibited")
      (case "destination-IP-unroutable") (case "connection-refused") (case "connection-terminated")
      (case "connection-timeout") (case "connection-read-timeout") (case "connection-write-timeout")
      (case "connection-limit-reached") (case "TLS-protocol-error") (case "TLS-certificate-error")
      (case "TLS-alert-received" $alert) (case "HTTP-request-denied")
      (case "HTTP-request-length-required") (case "HTTP-request-body-size" (option u64))
      (case "HTTP-request-method-invalid") (case "HTTP-request-URI-invalid")
      (case "HTTP-request-URI-too-long") (case "HTTP-request-header-section-size" (option u32))
      (case "HTTP-request-header-size" (option $size))
      (case "HTTP-request-trailer-section-size" (option u32))
      (case "HTTP-request-trailer-size" $size) (case "HTTP-response-incomplete")
      (case "HTTP-response-header-section-size" (option u32))
      (case "HTTP-response-header-size" $size) (case "HTTP-response-body-size" (option u64))
      (case "HTTP-response-trailer-section-size" (option u32))
      (case "HTTP-response-trailer-size" $size) (case "HTTP-response-transfer-coding" (option string))
      (case "HTTP-response-content-coding" (option string)) (case "HTTP-response-timeout")
      (case "HTTP-upgrade-failed") (case "HTTP-protocol-error") (case "loop-detected")
      (case "configuration-error") (case "internal-error" (option string))))
    (export "error-code" (type $code (eq $code')))
    (export "[constructor]fields" (func (result (own $fields))))
    (export "[constructor]outgoing-request"
      (func (param "headers" (own $fields)) (result (own $request))))
    (export "[method]outgoing-request.set-scheme"
      (func (param "self" (borrow $request)) (param "scheme" (option $scheme)) (result (result))))
    (export "[method]outgoing-request.set-authority"
      (func (param "self" (borrow $request)) (param "authority" (option string)) (result (result))))
    (export "[method]outgoing-request.set-path-with-query"
      (func (param "self" (borrow $request)) (param "path" (option string)) (result (result))))
    (export "[method]future-incoming-response.subscribe"
      (func (param "self" (borrow $future)) (result (own $pollable))))))
  (alias export $types "outgoing-request" (type $request))
  (alias export $types "request-options" (type $options))
  (alias export $types "future-incoming-response" (type $future))
  (alias export $types "error-code" (type $code))
  (import "wasi:http/outgoing-handler@0.2.0" (instance $handler
    (alias outer 1 $request (type $outer-request))
    (export "outgoing-request" (type $request (eq $outer-request)))
    (alias outer 1 $options (type $outer-options))
    (export "request-options" (type $options (eq $outer-options)))
    (alias outer 1 $future (type $outer-future))
    (export "future-incoming-response" (type $future (eq $outer-future)))
    (alias outer 1 $code (type $outer-code))
    (export "error-code" (type $code (eq $outer-code)))
    (export "handle" (func (param "request" (own $request))
      (param "options" (option (own $options))) (result (result (own $future) (error $code)))))))
  (core module $memory
    (memory (export "memory") 1)
    (global $end (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $end)
      (global.set $end (i32.and (i32.const -16)
        (i32.add (i32.const 15) (i32.add (global.get $end) (local.get 3)))))))
  (core instance $memory (instantiate $memory))
  (core func $fields (canon lower (func $types "[constructor]fields")))
  (core func $request (canon lower (func $types "[constructor]outgoing-request")))
  (core func $scheme (canon lower (func $types "[method]outgoing-request.set-scheme")
    (memory $memory "memory")))
  (core func $authority (canon lower (func $types "[method]outgoing-request.set-authority")
    (memory $memory "memory")))
  (core func $path (canon lower (func $types "[method]outgoing-request.set-path-with-query")
    (memory $memory "memory")))
  (core func $handle (canon lower (func $handler "handle") (memory $memory "memory")
    (realloc (func $memory "realloc"))))
  (core func $subscribe (canon lower (func $types "[method]future-incoming-response.subscribe")))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core module $send
    (import "" "fields" (func $fields (result i32)))
    (import "" "request" (func $request (param i32) (result i32)))
    (import "" "scheme" (func $scheme (param i32 i32 i32 i32 i32) (result i32)))
    (import "" "authority" (func $authority (param i32 i32 i32 i32) (result i32)))
    (import "" "path" (func $path (param i32 i32 i32 i32) (result i32)))
    (import "" "handle" (func $handle (param i32 i32 i32 i32)))
    (import "" "subscribe" (func $subscribe (param i32) (result i32)))
    (import "" "block" (func $block (param i32)))
    (import "" "memory" (memory 1))
    (data (i32.const 0) "/")
    (func (export "send") (param $text i32) (param $length i32) (local $own i32)
      (local.set $own (call $request (call $fields)))
      (drop (call $scheme (local.get $own) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
      (drop (call $authority
        (local.get $own) (i32.const 1) (local.get $text) (local.get $length)))
      (drop (call $path (local.get $own) (i32.const 1) (i32.const 0) (i32.const 1)))
      (call $handle (local.get $own) (i32.const 0) (i32.const 0) (i32.const 512))
      ;; The future follows the tag of the result, as wide as the result's widest field.
      (call $block (call $subscribe (i32.load (i32.const 520))))))
  (core instance $send (instantiate $send (with "" (instance
    (export "fields" (func $fields)) (export "request" (func $request))
    (export "scheme" (func $scheme)) (export "authority" (func $authority))
    (export "path" (func $path))
    (export "handle" (func $handle)) (export "subscribe" (func $subscribe))
    (export "block" (func $block)) (export "memory" (memory $memory "memory"))))))
  (func (export "send") (param "authority" string)
    (canon lift (core func $send "send") (memory $memory "memory")
      (realloc (func $memory "realloc")))))
WAT

cat > send.py <<'PY'
import socket
import threading

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker

server = socket.create_server(("127.0.0.1", 0))
heads = []


def answer():
    connection, _ = server.accept()
    heads.append(connection.recv(4096).decode())
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    connection.close()


threading.Thread(target=answer, daemon=True).start()
engine = Engine()
component = Component(engine, open("send.wat").read())
linker = Linker(engine)
linker.add_wasip2()
linker.add_wasi_http()
store = Store(engine)
store.set_wasi(WasiConfig())
store.set_wasi_http()
send = linker.instantiate(store, component).get_func(store, "send")
send(store, f"127.0.0.1:{server.getsockname()[1]}")
print("with" if "\r\nhost: " in heads[0].lower() else "without")
PY

sent() {
  python3 -m venv "$1"
  "$1/bin/pip" install --quiet "wasmtime==$1"
  local head
  head=$("$1/bin/python3" send.py)
  echo "wasmtime $1: a request $head the header host"
  [ "$head" = "$2" ]
}
sent 48.0.0 without
sent 49.0.0 with
