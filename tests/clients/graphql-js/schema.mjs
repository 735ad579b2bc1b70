// The published schema as graphql-js reads it. Its custom scalars are described here a second time, after their
// descriptions in schema.graphql and apart from the server's own parsers.
import { readFileSync } from "node:fs";
import { buildSchema, GraphQLError, Kind, valueFromASTUntyped } from "graphql";

const TIME = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;
// BCP 47: language, script, region and variants; then private use. Extensions say nothing of a text.
const LANGUAGE = /^([a-z]{2,3}|[a-z]{5,8})(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-([a-z\d]{5,8}|\d[a-z\d]{3}))*$/i;
const PRIVATE = /^(-x(-[a-z\d]{1,8})+)?$/i;

/** Whether a text is a day of the calendar, YYYY-MM-DD. */
function isDay(text) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const [year, month, day] = text.split("-").map(Number);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

const isPartialDate = (text) =>
  isDay(text) || (/^\d{4}-\d{2}$/.test(text) && isDay(`${text}-01`)) || (/^\d{4}$/.test(text) && isDay(`${text}-01-01`));

function isInstant(text) {
  const parts = TIME.exec(text);
  return parts !== null && isDay(parts[1]);
}

/** Variants of a language tag are given once. */
function isLocale(text) {
  const [language] = text.split(/-(?=x-)/i, 1);
  const variants = language
    .toLowerCase()
    .split("-")
    .slice(1)
    .filter((part) => /^([a-z\d]{5,8}|\d[a-z\d]{3})$/.test(part));
  return LANGUAGE.test(language) && PRIVATE.test(text.slice(language.length)) && new Set(variants).size === variants.length;
}

function isChangeCursor(text) {
  const decoded = Buffer.from(text, "base64url").toString();
  const digits = /^change:(0|[1-9]\d*)$/.exec(decoded)?.[1];
  return digits !== undefined && BigInt(digits) < 2n ** 63n && Buffer.from(decoded).toString("base64url") === text;
}

const ofText = (accepts) => (value) => typeof value === "string" && accepts(value);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** The language of each custom scalar: the values that it takes. */
export const SCALARS = {
  ChangeCursor: ofText(isChangeCursor),
  Date: ofText(isDay),
  DateTime: ofText(isInstant),
  Locale: ofText(isLocale),
  PartialDateInput: ofText(isPartialDate),
  TextInput: (value) => typeof value === "string" || isObject(value),
  MapInput: isObject,
};

/** What a literal is, as far as the scalars tell literals apart: an enum value is none of theirs. */
function ofLiteral(node, variables) {
  return node.kind === Kind.ENUM ? Symbol(node.value) : valueFromASTUntyped(node, variables);
}

function readSchema() {
  const schema = buildSchema(readFileSync(new URL("../schema.graphql", import.meta.url), "utf8"));
  for (const [name, accepts] of Object.entries(SCALARS)) {
    const scalar = schema.getType(name);
    const checked = (value) => {
      if (accepts(value)) return value;
      throw new GraphQLError(`${String(value)} is no ${name}`);
    };
    scalar.parseValue = checked;
    scalar.parseLiteral = (node, variables) => checked(ofLiteral(node, variables));
  }
  return schema;
}

export const schema = readSchema();
