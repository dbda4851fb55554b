"""Loads a document as functions for a model, and calls one as a model would, with LangChain."""

import json
import os

from langchain_classic.chains.openai_functions.openapi import openapi_spec_to_openai_fn
from langchain_community.agent_toolkits.openapi.spec import reduce_openapi_spec
from langchain_community.utilities.openapi import OpenAPISpec

with open(os.environ["DOCUMENT"], encoding="utf-8") as file:
    document = json.load(file)
reduced = reduce_openapi_spec(document)
functions, call = openapi_spec_to_openai_fn(OpenAPISpec.from_spec_dict(document))
user = {
    "serviceId": os.environ["SKU"],
    "displayName": "Allen Allbrook",
    "mailNickname": os.environ["NICKNAME"],
    "password": "Any-passw0rd",
    "usageLocation": "AM",
}
headers = {"Authorization": "Bearer " + os.environ["KEY"]}
created, refused = (call("createUser", {"json": user}, headers=headers) for _ in range(2))
print(json.dumps({
    "endpoints": len(reduced.endpoints),
    "functions": [function["name"] for function in functions],
    "created": created.json()["userPrincipalName"],
    "status": refused.status_code,
    "kind": refused.json()["error"]["kind"],
}))
