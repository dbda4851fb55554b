"""Reads the metadata of a Graph from stdin. Prints its types with all their properties as JSON.

Everything that a type names must be there.
"""

import json
import sys
import xml.etree.ElementTree as ElementTree

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
EDMX = "{http://docs.oasis-open.org/odata/ns/edmx}"

root = ElementTree.fromstring(sys.stdin.buffer.read())
assert (root.tag, root.get("Version")) == (f"{EDMX}Edmx", "4.0"), root.tag
[schema] = root.findall(f"{EDMX}DataServices/{EDM}Schema")
prefix = schema.get("Alias") + "."
types = {kind.get("Name"): kind for kind in schema if kind.tag != f"{EDM}EntityContainer"}


def is_known(name):
    name = name.removeprefix("Collection(").removesuffix(")")
    return name.startswith("Edm.") or name.removeprefix(prefix) in types


def properties(kind):
    base = kind.get("BaseType")
    inherited = properties(types[base.removeprefix(prefix)]) if base else {}
    own = {each.get("Name"): each.get("Type") for each in kind.findall(f"{EDM}Property")}
    assert not own.keys() & inherited.keys(), own.keys() & inherited.keys()
    assert all(map(is_known, own.values())), own
    keys = [key.get("Name") for key in kind.findall(f"{EDM}Key/{EDM}PropertyRef")]
    assert all(key in own for key in keys), keys
    return inherited | own


[container] = schema.findall(f"{EDM}EntityContainer")
roots = {each.get("Name"): each.get("EntityType") or each.get("Type") for each in container}
assert all(map(is_known, roots.values())), roots
assert len(types) == len(schema) - 1, "two types have one name"
print(json.dumps({name: properties(kind) for name, kind in types.items()}))
