#!/usr/bin/env bash
# Software: @microsoft/m365-spec-parser 0.3.2 on Node.js 20.
#
# Guess: an operation that `list` calls valid is one that a plugin can be made of; both functions of
# the parser come to the same result.
#
# Behaviour: of a document of OpenAPI 3.1, `list` says that every operation is valid, without a
# reason against it. `validate` refuses the whole document: only 3.0 is supported.
#
# Why it matters: a check that counts the valid operations passes for a document that the toolkit
# refuses. It must call `validate`, too.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --ignore-scripts @microsoft/m365-spec-parser@0.3.2

cat > run.cjs <<'JS'
const assert = require("node:assert/strict");
const { ProjectType, SpecParser, ValidationStatus } = require("@microsoft/m365-spec-parser");

const document = (openapi) => ({
  openapi,
  info: { title: "Seats", version: "1" },
  servers: [{ url: "https://o365.contoso.com" }],
  paths: { "/seats": { get: {
    operationId: "countSeats",
    summary: "Counts the seats",
    responses: { 200: { description: "The seats.", content: { "application/json": {
      schema: { type: "integer" },
    } } } },
  } } },
});

async function main() {
  for (const version of ["3.0.3", "3.1.0"]) {
    const parser = new SpecParser(document(version), { projectType: ProjectType.Copilot });
    const { status, errors } = await parser.validate();
    const { APIs } = await parser.list();
    const found = APIs.map(({ api, isValid }) => `${api} valid: ${isValid}`);
    console.log(version, "list:", found.join(), "validate:", ValidationStatus[status], ...errors.map((error) => error.content));
    assert.deepEqual(found, ["GET /seats valid: true"]);
    assert.equal(status === ValidationStatus.Error, version === "3.1.0");
  }
}

void main();
JS
node run.cjs
