// Generates pairs of documents with the same result. In the split one, a response key occurs in several fragments, and
// fields are repeated with other nested selections. In the merged one, each key occurs once.
//
// A split document is a tree. A node is a field, { key, field, args, type, set }, or a fragment, { on, named, set }, each
// with a `condition` out of CONDITIONS. `set` contains the nested nodes, and is missing in a leaf.
import {
  doTypesOverlap,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from "graphql";
import { schema } from "./schema.mjs";

/** Variables of every split document. */
export const VARIABLES = { yes: true, no: false, few: 3 };
const DEFINITIONS = { yes: "$yes: Boolean!", no: "$no: Boolean!", few: "$few: Int = 2" };

/** Directives on a node; true if it is selected with them. */
const CONDITIONS = [
  { text: " @include(if: $yes)", selected: true },
  { text: " @skip(if: $no)", selected: true },
  { text: " @include(if: true) @skip(if: $no)", selected: true },
  { text: " @include(if: $no)", selected: false },
  { text: " @skip(if: $yes)", selected: false },
];
const ALWAYS = { text: "", selected: true };

/** Root fields of documents, each with records in the sample. */
const ROOTS = [
  "activities",
  "agreements",
  "changes",
  "cities",
  "documents",
  "homeCity",
  "interpellations",
  "jointEvents",
  "lettersOfIntent",
  "meetings",
  "organizations",
  "partnerships",
  "projects",
  "suggest",
  "youthExchanges",
];

/** Fields that require a right, cost too much, or change with each request. */
const NEVER = ["history", "digest", "recordCounts", "rateLimit", "viewer", "cities"];

const COMPOSITES = Object.values(schema.getTypeMap()).filter((type) => isCompositeType(type) && !type.name.startsWith("__"));
const overlapping = (type) => COMPOSITES.filter((other) => doTypesOverlap(schema, other, type));
const possible = (type) => (isObjectType(type) ? [type] : schema.getPossibleTypes(type));
const matches = (type, object) => type === undefined || possible(type).includes(object);

/**
 * A pair, { split, merged, abstract, check }: `abstract` is true if it contains an interface or a union, and `check` returns the
 * fault in the shape of an answer, if there is one.
 */
export function pair(random) {
  for (;;) {
    const draft = { random, fuel: 6 + random.below(14), fragments: [], count: 0 };
    const root = schema.getQueryType();
    const plan = planned(draft, root, 4);
    const set = occurrences(draft, root, plan);
    const merged = mergedText(root, [set]);
    if (merged === undefined) continue;
    const split = [`query Split(VARIABLES) ${setText(set)}`, ...draft.fragments.map(fragmentText)].join("\n");
    if (split.length + merged.length > 8_000) continue;
    return {
      split: withVariables(split),
      merged: withVariables(`query Split(VARIABLES) ${merged}`),
      abstract: hasAbstract(root, set),
      check: (data) => shapeFault(root, [set], data, "data"),
    };
  }
}

/** Defines the variables that a document uses. */
function withVariables(text) {
  const used = Object.keys(DEFINITIONS).filter((key) => new RegExp(`\\$${key}\\b`).test(text));
  return text.replace("(VARIABLES)", used.length > 0 ? `(${used.map((key) => DEFINITIONS[key]).join(", ")})` : "");
}

/**
 * The planned selections of a type: fields, each with the type on which it is selected (`scope`) and nested selections. A key is
 * one field with the same arguments, but under different object types it may be another leaf of the same shape.
 */
function planned(draft, parent, depth) {
  const { random } = draft;
  const fields = [];
  const isRoot = parent === schema.getQueryType();
  const count = isRoot ? 1 + random.below(2) : 2 + random.below(4);
  for (let tries = 0; fields.length < count && tries < 20; tries++) {
    const scope = isObjectType(parent) ? parent : random.pick(random.chance(0.6) ? possible(parent) : [parent]);
    const field = chosen(draft, scope, depth, isRoot);
    if (field === undefined) fields.push({ key: "__typename", field: "__typename", args: "", shape: "String!", scope });
    else add(draft, fields, scope, field, depth);
  }
  return fields;
}

function chosen({ random, fuel }, scope, depth, isRoot) {
  if (isUnionType(scope) || random.chance(0.08)) return isRoot ? scope.getFields()[random.pick(ROOTS)] : undefined;
  const fields = Object.values(scope.getFields()).filter((field) => (isRoot ? ROOTS : [field.name]).includes(field.name));
  const usable = isRoot
    ? fields
    : fields.filter((field) => !NEVER.includes(field.name) && !field.args.some(isRequiredArgument));
  const deeper = usable.filter(({ type }) => !isLeafType(getNamedType(type)));
  const leaves = usable.filter(({ type }) => isLeafType(getNamedType(type)));
  const pool = depth > 0 && fuel > 0 && deeper.length > 0 && (leaves.length === 0 || random.chance(0.6)) ? deeper : leaves;
  const abstract = pool.filter(leadsToAbstract);
  if (abstract.length > 0 && random.chance(0.5)) return random.pick(abstract);
  return pool.length > 0 ? random.pick(pool) : undefined;
}

/** True if the type of a field, or of one directly below it, is an interface or a union. */
function leadsToAbstract({ type }, below = true) {
  const named = getNamedType(type);
  if (isAbstractType(named)) return true;
  return below && isObjectType(named) && Object.values(named.getFields()).some((field) => leadsToAbstract(field, false));
}

function add(draft, fields, scope, field, depth) {
  const { random } = draft;
  const shape = String(field.type);
  const same = fields.find(({ key }) => key === field.name);
  if (same && same.field === field.name && same.shape === shape) {
    fields.push({ ...same, scope });
    return;
  }
  // One alias for different leaves, if no object has both types.
  const leaf = isLeafType(getNamedType(field.type));
  const isAlias = ({ key, field }) => key !== field;
  const alike = fields.find((other) => isAlias(other) && !other.below && other.shape === shape && isObjectType(other.scope));
  const apart =
    alike && fields.filter(({ key }) => key === alike.key).every((other) => isObjectType(other.scope) && other.scope !== scope);
  const shares = leaf && apart && isObjectType(scope) && random.chance(0.7);
  const key = shares ? alike.key : same || random.chance(0.2) ? `k${draft.count++}` : field.name;
  draft.fuel -= 1;
  const below = leaf ? undefined : planned(draft, getNamedType(field.type), depth - 1);
  if (below?.length === 0) return;
  fields.push({ key, field: field.name, args: argumentsOf(draft, field), shape, scope, type: getNamedType(field.type), below });
}

function argumentsOf({ random }, field) {
  const texts = [];
  for (const { name } of field.args) {
    if (name === "first") texts.push(`first: ${random.pick(["2", "3", "$few"])}`);
    if (name === "text") texts.push(`text: "${random.pick(["ja", "ha", "ra", "m"])}"`);
    if (name === "locales" && random.chance(0.3)) texts.push(`locales: [${random.pick(['"de"', '"pl", "en"'])}]`);
  }
  return texts.length > 0 ? `(${texts.join(", ")})` : "";
}

/** Nodes for the planned selections: each field once or more, with parts of its nested selections, in fragments or not. */
function occurrences(draft, parent, plan) {
  const { random } = draft;
  const nodes = [];
  for (const field of plan) {
    for (let times = random.pick([1, 1, 1, 2, 2, 3]); times > 0; times--) {
      const at = times === 1 ? nodes.length : random.below(nodes.length + 1);
      nodes.splice(at, 0, occurrence(draft, parent, field));
    }
  }
  return grouped(draft, parent, nodes);
}

function occurrence(draft, parent, { key, field, args, type, scope, below }) {
  const { random } = draft;
  const part = below && below.filter(() => random.chance(0.6));
  const set = below && occurrences(draft, type, part.length > 0 ? part : [random.pick(below)]);
  const node = { key, field, args, type, set, condition: conditionOf(draft) };
  return scope === parent && random.chance(0.5) ? node : fragment(draft, parent, scope, [node]);
}

/** Nodes in a fragment on a type, sometimes inside another fragment. */
function fragment(draft, parent, scope, set) {
  const { random } = draft;
  const node = { on: scope, set, condition: conditionOf(draft), named: random.chance(0.4) ? `F${draft.count++}` : undefined };
  if (node.named) draft.fragments.push(node);
  if (random.chance(0.4)) {
    const outer = overlapping(parent).filter((type) => doTypesOverlap(schema, type, scope));
    const abstract = outer.filter(isAbstractType);
    return fragment(draft, parent, random.pick(abstract.length > 0 && random.chance(0.8) ? abstract : outer), [node]);
  }
  if (scope === parent && !node.named && random.chance(0.4)) node.on = undefined;
  return node;
}

/** Sometimes puts neighbours into one fragment, and repeats a spread. */
function grouped(draft, parent, nodes) {
  const { random } = draft;
  if (nodes.length > 2 && random.chance(0.3)) {
    const at = random.below(nodes.length - 1);
    nodes.splice(at, 0, fragment(draft, parent, parent, nodes.splice(at, 2)));
  }
  const again = nodes.filter(({ named }) => named);
  if (again.length > 0 && random.chance(0.2)) nodes.push({ ...random.pick(again), condition: conditionOf(draft) });
  return nodes;
}

const conditionOf = ({ random }) => (random.chance(0.2) ? random.pick(CONDITIONS) : ALWAYS);

const setText = (set) => `{ ${set.map(nodeText).join(" ")} }`;
const fragmentText = ({ named, on, set }) => `fragment ${named} on ${on.name} ${setText(set)}`;

function nodeText({ key, field, args, on, named, set, condition }) {
  if (field) return `${key === field ? field : `${key}: ${field}`}${args}${condition.text}${set ? ` ${setText(set)}` : ""}`;
  if (named) return `...${named}${condition.text}`;
  return `...${on ? ` on ${on.name}` : ""}${condition.text} ${setText(set)}`;
}

/** The fields of an object type, by key in document order, with all nested sets (§6.3.2). */
function collected(object, sets) {
  const fields = new Map();
  const visit = (set) => {
    for (const node of set) {
      if (!node.condition.selected) continue;
      if (!node.field) {
        if (matches(node.on, object)) visit(node.set);
      } else if (!fields.has(node.key)) fields.set(node.key, { ...node, sets: node.set ? [node.set] : undefined });
      else if (node.set) fields.get(node.key).sets.push(node.set);
    }
  };
  for (const set of sets) visit(set);
  return fields;
}

/** The text of merged sets; `undefined` if nothing is selected, which a document cannot express. */
function mergedText(type, sets) {
  const texts = possible(type).map((object) => [object, objectText(object, sets)]);
  if (isObjectType(type)) return texts[0][1];
  const selected = texts.filter(([, text]) => text !== undefined);
  const isEmpty = ([object]) => collected(object, sets).size === 0;
  if (selected.length === 0 || texts.some((text) => text[1] === undefined && !isEmpty(text))) return undefined;
  return `{ ${selected.map(([object, text]) => `... on ${object.name} ${text}`).join(" ")} }`;
}

function objectText(object, sets) {
  const parts = [];
  for (const { key, field, args, type, sets: below } of collected(object, sets).values()) {
    const text = below ? mergedText(type, below) : "";
    if (text === undefined) return undefined;
    parts.push(`${key === field ? field : `${key}: ${field}`}${args} ${text}`.trim());
  }
  return parts.length > 0 ? `{ ${parts.join(" ")} }` : undefined;
}

/** True if fields of an interface or a union are selected. */
function hasAbstract(type, set) {
  return (
    !isObjectType(type) ||
    set.some((node) => node.set && (node.field ? hasAbstract(node.type, node.set) : hasAbstract(type, node.set)))
  );
}

/** The fault in the keys of an answer, as far as its types are known, as a sentence; or nothing. */
function shapeFault(type, sets, value, path) {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map((item, at) => shapeFault(type, sets, item, `${path}.${at}`)).find(Boolean);
  const object = isObjectType(type) ? type : schema.getType(value.__typename);
  if (!object) return undefined;
  const fields = collected(object, sets);
  const [wanted, found] = [[...fields.keys()].join(" "), Object.keys(value).join(" ")];
  if (wanted !== found) return `${path} of type ${object.name} has the keys "${found}" instead of "${wanted}"`;
  return [...fields.values()]
    .filter((field) => field.sets)
    .map((field) => shapeFault(field.type, field.sets, value[field.key], `${path}.${field.key}`))
    .find(Boolean);
}

/** The number of values of an answer that are not null. */
export function valuesIn(value) {
  if (value === null) return 0;
  return typeof value === "object" ? Object.values(value).reduce((sum, inner) => sum + valuesIn(inner), 0) : 1;
}
