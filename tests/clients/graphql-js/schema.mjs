// The published schema for graphql-js. Its custom scalars are implemented a second time, from their descriptions in
// schema.graphql and independently of the server's parsers.
import { readFileSync } from "node:fs";
import { buildSchema, GraphQLError, Kind, valueFromASTUntyped } from "graphql";

const TIME = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;
// BCP 47 (RFC 5646, section 2.1): language with extended languages, script, region, variants, extensions, private use.
const LANGUAGE =
  /^([a-z]{2,3}(-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-([a-z\d]{5,8}|\d[a-z\d]{3}))*(-[a-wyz\d](-[a-z\d]{2,8})+)*(-x(-[a-z\d]{1,8})+)?$/;
const PRIVATE = /^x(-[a-z\d]{1,8})+$/;
// The grandfathered tags that do not have this form.
const IRREGULAR = new Set(
  ("en-gb-oed i-ami i-bnn i-default i-enochian i-hak i-klingon i-lux i-mingo i-navajo i-pwn i-tao i-tay i-tsu sgn-be-fr sgn-be-nl " +
    "sgn-ch-de").split(" "),
);

/** True if a text is a day of the calendar, YYYY-MM-DD. */
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

const isOnceEach = (parts) => new Set(parts).size === parts.length;

/** A well-formed language tag without repeated variants or extensions. */
function isLocale(text) {
  if (!/^[\x20-\x7e]+$/.test(text)) return false;
  const tag = text.toLowerCase();
  if (PRIVATE.test(tag) || IRREGULAR.has(tag)) return true;
  if (!LANGUAGE.test(tag)) return false;
  const parts = tag.split("-x-", 1)[0].split("-").slice(1);
  const extended = parts.findIndex((part) => part.length === 1);
  const [variants, extensions] = extended < 0 ? [parts, []] : [parts.slice(0, extended), parts.slice(extended)];
  return (
    isOnceEach(variants.filter((part) => /^([a-z\d]{5,8}|\d[a-z\d]{3})$/.test(part))) &&
    isOnceEach(extensions.filter((part) => part.length === 1))
  );
}

function isChangeCursor(text) {
  const decoded = Buffer.from(text, "base64url").toString();
  const digits = /^change:(0|[1-9]\d*)$/.exec(decoded)?.[1];
  return digits !== undefined && BigInt(digits) < 2n ** 63n && Buffer.from(decoded).toString("base64url") === text;
}

const ofText = (accepts) => (value) => typeof value === "string" && accepts(value);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** The values that each custom scalar accepts. */
export const SCALARS = {
  ChangeCursor: ofText(isChangeCursor),
  Date: ofText(isDay),
  DateTime: ofText(isInstant),
  Locale: ofText(isLocale),
  PartialDateInput: ofText(isPartialDate),
  TextInput: (value) => typeof value === "string" || isObject(value),
  MapInput: isObject,
};

/** The value of a literal for the scalars, which accept no enum value. */
function ofLiteral(node, variables) {
  return node.kind === Kind.ENUM ? Symbol(node.value) : valueFromASTUntyped(node, variables);
}

function readSchema() {
  const schema = buildSchema(readFileSync(new URL("../schema.graphql", import.meta.url), "utf8"));
  for (const [name, accepts] of Object.entries(SCALARS)) {
    const scalar = schema.getType(name);
    const checked = (value) => {
      if (accepts(value)) return value;
      throw new GraphQLError(`${String(value)} is not a ${name}`);
    };
    scalar.parseValue = checked;
    scalar.parseLiteral = (node, variables) => checked(ofLiteral(node, variables));
  }
  return schema;
}

export const schema = readSchema();
