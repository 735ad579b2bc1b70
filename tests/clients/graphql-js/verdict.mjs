// Both verdicts on a request: the result of graphql-js, and the answer of the registry.
//
// A request is { query, variables, operationName }. `variables` is a value, or its text, which is sent unchanged.
import { getVariableValues, parse, specifiedRules, validate } from "graphql";
import { DUPLICATE_MEMBERS, hasDuplicateMembers, NULL_FOR_DEFAULT, nullForDefault, RULES } from "./corrections.mjs";
import { schema } from "./schema.mjs";

// The nesting of introspection is a recommendation of graphql-js, not a rule of the specification.
const rules = specifiedRules.filter((rule) => rule.name !== "MaxIntrospectionDepthRule");

/** The phases of a request, in their order, with the code of a refusal in each. */
export const PHASES = {
  request: "BAD_REQUEST",
  parse: "GRAPHQL_PARSE_FAILED",
  validate: "GRAPHQL_VALIDATION_FAILED",
  select: "OPERATION_RESOLUTION_FAILURE",
  coerce: "BAD_USER_INPUT",
};

/** Refusals because of costs, which the specification does not concern. */
const LIMITS = ["QUERY_TOO_COMPLEX", "QUERY_TOO_DEEP", "RATE_LIMITED"];

const accepted = { refused: false, phase: null, messages: [] };
const refused = (phase, errors) => ({ refused: true, phase, messages: errors.map((error) => error.message ?? error) });

const textOf = (variables) => (typeof variables === "string" ? variables : JSON.stringify(variables));

/** The result of graphql-js; `correction` is the name of the rule that it lacks. */
export function expected({ query, variables, operationName }) {
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return refused("parse", [error]);
  }
  const invalid = validated(document, rules);
  if (invalid.length > 0) return refused("validate", invalid);
  for (const [correction, rule] of Object.entries(RULES)) {
    const missed = validated(document, [rule]);
    if (missed.length > 0) return { ...refused("validate", missed), correction };
  }
  const operations = document.definitions.filter((definition) => definition.kind === "OperationDefinition");
  const operation = operationName == null ? operations[0] : operations.find(({ name }) => name?.value === operationName);
  if (!operation) return refused("select", ["no such operation"]);
  if (operationName == null && operations.length > 1) return refused("select", ["several operations, none is named"]);
  if (variables === undefined) variables = {};
  const values = JSON.parse(textOf(variables)) ?? {};
  const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], values);
  if (errors) return refused("coerce", errors);
  const nulls = validated(document, [nullForDefault(operation, values)]);
  if (nulls.length > 0) return { ...refused("coerce", nulls), correction: NULL_FOR_DEFAULT };
  if (hasDuplicateMembers(textOf(variables))) {
    return { ...refused("coerce", [DUPLICATE_MEMBERS]), correction: DUPLICATE_MEMBERS };
  }
  return accepted;
}

/** The errors of a document. A rule that throws refuses as well. */
function validated(document, rules) {
  try {
    return validate(schema, document, rules);
  } catch (error) {
    return [error];
  }
}

/** The answer of the registry to a request: status, body and verdict. */
export async function answered(url, { query, variables, operationName }, headers = {}) {
  const members = [`"query":${JSON.stringify(query)}`];
  if (variables !== undefined) members.push(`"variables":${textOf(variables)}`);
  if (operationName !== undefined) members.push(`"operationName":${JSON.stringify(operationName)}`);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...headers },
    body: `{${members.join()}}`,
  });
  const text = await response.text();
  return { status: response.status, text, ...read(response.status, JSON.parse(text)) };
}

function read(status, body) {
  const codes = (body.errors ?? []).map((error) => error.extensions?.code);
  const messages = (body.errors ?? []).map((error) => error.message);
  if ("data" in body) return { ...accepted, codes, messages, body };
  if (codes.some((code) => LIMITS.includes(code))) return { limit: codes[0], messages, body };
  // A subscription that is valid, but needs a transport with more than one answer.
  if (messages[0]?.startsWith("a subscription has more than one answer")) return { ...accepted, codes, messages, body };
  const phase = Object.keys(PHASES).find((phase) => PHASES[phase] === codes[0]);
  if (status < 400 || status > 499 || !phase) return { neither: true, codes, messages, body };
  return { refused: true, phase, codes, messages, body };
}

/** The fault in the form of a refusal, as a sentence; or nothing. */
export function malformed(body) {
  for (const error of body.errors ?? []) {
    if (!error.message || !error.extensions?.code) return "an error has no message or no code";
    const large = numbers(error.extensions).find((number) => Math.abs(number) > Number.MAX_SAFE_INTEGER);
    if (large !== undefined) return `a number in extensions exceeds 2^53: ${large}`;
  }
  return undefined;
}

function numbers(value) {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbers) : [];
}

/** Both verdicts on a request, and whether they agree. */
export async function compare(url, request, headers) {
  const wanted = expected(request);
  const got = await answered(url, request, headers);
  const agrees = !got.neither && got.refused === wanted.refused && !malformed(got.body);
  return { request, wanted, got, agrees };
}

/** A comparison as readable text. */
export function shown({ request, wanted, got }) {
  const verdict = ({ refused, phase, messages }) =>
    `${refused ? `refused (${phase})` : "accepted"} ${(messages ?? []).slice(0, 3).join(" | ")}`;
  const lines = [
    request.query,
    `variables: ${request.variables === undefined ? "none" : textOf(request.variables)}  operationName: ${request.operationName}`,
    `graphql-js: ${verdict(wanted)}${wanted.correction ? ` [${wanted.correction}]` : ""}`,
    `registry:   ${got.neither ? `NEITHER, ${got.status}: ${got.text.slice(0, 300)}` : verdict(got)} ${malformed(got.body) ?? ""}`,
  ];
  return lines.join("\n");
}
