"""Checks manifests against the schemas of a version of Kubernetes, and prints them as JSON."""

import json
import sys

import kubernetes_validate
import yaml

version, *paths = sys.argv[1:]
manifests = []
for path in paths:
    with open(path, encoding="utf-8") as file:
        manifests.extend(yaml.safe_load_all(file))
for manifest in manifests:
    kubernetes_validate.validate(manifest, version, strict=True)
json.dump(manifests, sys.stdout)
