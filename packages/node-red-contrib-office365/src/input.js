"use strict";
// The inputs of an action, compared with its JSON Schema before anything is sent: jco turns -1
// into 4294967295 and drops a name that it does not know, and says nothing.

const { Ajv2020 } = require("ajv/dist/2020");
const { invalidInput } = require("./failure");

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });

/**
 * Returns the check of an action's inputs, which throws a failure that names each field. It shows
 * no text, and no value of the fields `secrets`.
 */
function checker(schema, secrets) {
  let validate;
  const shown = (pointer) => !secrets.includes(pointer.split("/")[1]);
  return (input) => {
    validate ??= ajv.compile(schema);
    const problems = validate(input) ? [] : validate.errors.map((error) => problem(error, input, shown));
    const all = [...problems, ...illFormed(input)];
    if (all.length > 0) throw invalidInput(all);
  };
}

/** Texts with half of a surrogate pair: as UTF-8, another character would take its place. */
const illFormed = (input) => Object.entries(input)
  .filter(([, value]) => typeof value === "string" && !value.isWellFormed())
  .map(([name]) => ({ pointer: `/${name}`, message: "must be well-formed Unicode, and has a lone surrogate" }));

function problem({ keyword, params, instancePath, message }, input, shown) {
  switch (keyword) {
    case "required":
      return { pointer: `${instancePath}/${params.missingProperty}`, message: "is missing" };
    case "additionalProperties":
      return { pointer: `${instancePath}/${params.additionalProperty}`, message: "is not a field of the action" };
    case "type":
      return { pointer: instancePath, message: `must be ${types(params.type)}, and is ${kind(at(input, instancePath), shown(instancePath))}` };
    case "enum":
      return { pointer: instancePath, message: `must be one of ${params.allowedValues.join(", ")}` };
    default:
      return { pointer: instancePath, message };
  }
}

/** Words for the types of a schema; an optional field may also be absent. */
const types = (type) => [type].flat().filter((one) => one !== "null")
  .map((one) => (/^[aeiou]/.test(one) ? `an ${one}` : `a ${one}`)).join(" or ");

const kind = (value, shown) => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "number" && shown ? `the number ${value}` : `of the type ${typeof value}`;
};

const at = (input, pointer) => pointer.split("/").slice(1)
  .reduce((value, key) => value?.[key.replaceAll("~1", "/").replaceAll("~0", "~")], input);

module.exports = { checker };
