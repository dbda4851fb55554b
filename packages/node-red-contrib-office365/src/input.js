"use strict";
// The inputs of an action, compared with its JSON Schema before anything is sent: jco turns -1
// into 4294967295 and drops a name that it does not know, and says nothing.

const { Ajv2020 } = require("ajv/dist/2020");
const { invalidInput } = require("./failure");

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });

/** Returns the check of an action's inputs, which throws a failure that names each field. */
function checker(schema) {
  let validate;
  return (input) => {
    validate ??= ajv.compile(schema);
    if (validate(input)) return;
    throw invalidInput(validate.errors.map((error) => problem(error, input)));
  };
}

function problem({ keyword, params, instancePath, message }, input) {
  switch (keyword) {
    case "required":
      return { pointer: `${instancePath}/${params.missingProperty}`, message: "is missing" };
    case "additionalProperties":
      return { pointer: `${instancePath}/${params.additionalProperty}`, message: "is not a field of the action" };
    case "type":
      return { pointer: instancePath, message: `must be ${types(params.type)}, and is ${kind(at(input, instancePath))}` };
    case "enum":
      return { pointer: instancePath, message: `must be one of ${params.allowedValues.join(", ")}` };
    default:
      return { pointer: instancePath, message };
  }
}

/** Words for the types of a schema; an optional field may also be absent. */
const types = (type) => [type].flat().filter((one) => one !== "null")
  .map((one) => (/^[aeiou]/.test(one) ? `an ${one}` : `a ${one}`)).join(" or ");

const kind = (value) => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "number" ? `the number ${value}` : `of the type ${typeof value}`;
};

const at = (input, pointer) => pointer.split("/").slice(1)
  .reduce((value, key) => value?.[key.replaceAll("~1", "/").replaceAll("~0", "~")], input);

module.exports = { checker };
