// What Microsoft 365's parser finds in the document DOCUMENT, for an API plugin of Copilot: each
// operation with the reasons for which it cannot be used, and the warnings and errors.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { ProjectType, SpecParser } = require("@microsoft/m365-spec-parser");

const parser = new SpecParser(process.env.DOCUMENT, {
  projectType: ProjectType.Copilot,
  allowBearerTokenAuth: true,
  allowMethods: ["get", "post", "delete"],
});
const { warnings, errors } = await parser.validate();
const { APIs } = await parser.list();
console.log(JSON.stringify({
  operations: APIs.map(({ operationId, isValid, reason }) => ({ operationId, isValid, reason })),
  warnings: warnings.map(({ type, content }) => ({ type, content })),
  errors: errors.map(({ type, content }) => ({ type, content })),
}));
