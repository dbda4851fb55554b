"""Runs actions of the component in Python, with the package `wasmtime` of PyPI."""

import json
import re
import threading
import time

import jsonschema
from wasmtime import Config, Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, Record, Variant


class Connector:
    """The component, compiled once.

    `connections` has the fields of each connection by its id, and its access token as `token`.
    `schemas` is the directory with the output of `o365 describe ACTION --json` for each action."""

    def __init__(self, component, schemas, connections):
        config = Config()
        config.epoch_interruption = True
        self.engine = Engine(config)
        self.component = Component.from_file(self.engine, component)
        self.schemas = schemas
        self.connections = connections
        threading.Thread(target=self.tick, daemon=True).start()

    def tick(self):
        while True:
            time.sleep(1)
            self.engine.increment_epoch()

    def call(self, action, input, limit):
        """Runs an action in an instance of its own, which computes for `limit` seconds at most.

        Returns the result; raises `ActionError` with the error of the action."""
        with open(f"{self.schemas}/{action}.json") as file:
            jsonschema.validate(input, json.load(file)["input"])
        store = Store(self.engine)
        store.set_wasi(WasiConfig())
        store.set_wasi_http()
        store.set_epoch_deadline(limit)
        instance = self.linker().instantiate(store, self.component)
        function = self.function(store, instance, action)
        _, input_type = function.type(store).params[0]
        outcome = function(store, record(input, input_type.fields))
        is_error = isinstance(outcome, Record) and hasattr(outcome, "retry-safe")
        # The bindings wrap an outcome where its two sides have the same type in Python.
        if isinstance(outcome, Variant):
            is_error, outcome = outcome.tag == "err", outcome.payload
        if is_error:
            raise ActionError(plain(outcome))
        return plain(outcome)

    def linker(self):
        linker = Linker(self.engine)
        linker.add_wasip2()
        linker.add_wasi_http()

        def describe(_store, id):
            if id not in self.connections:
                return f"there is no connection {id!r}"
            connection = Record()
            vars(connection).update(self.connections[id])
            return connection

        def authorization(_store, id):
            return Variant("ok", f"Bearer {self.connections[id]['token']}")

        interface = "connector:office365/connections@1.0.0"
        with linker.root() as root, root.add_instance(interface) as instance:
            instance.add_func("describe", describe)
            instance.add_func("authorization", authorization)
        return linker

    def function(self, store, instance, action):
        """The function of an action, whichever interface exports it."""
        for interface in self.component.type.exports(self.engine):
            exports = instance.get_export_index(store, interface)
            if found := instance.get_export_index(store, action, exports):
                return instance.get_func(store, found)
        raise KeyError(action)


class ActionError(Exception):
    """The error of an action, as a dictionary."""

    @property
    def error(self):
        return self.args[0]


def record(values, fields):
    """A dictionary as a record with these fields, whose names are in kebab-case."""
    made = Record()
    for name, _ in fields:
        setattr(made, name, values.get(camel(name)))
    return made


def plain(value):
    """A value as JSON has it."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Record):
        return {camel(name): plain(field) for name, field in vars(value).items()}
    return value


def camel(name):
    return re.sub("-(.)", lambda letter: letter[1].upper(), name)
