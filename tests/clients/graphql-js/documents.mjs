// Generates valid requests from the schema: random selections with arguments, variables, fragments, aliases and directives.
import {
  doTypesOverlap,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
  Kind,
  Lexer,
  parseType,
  print,
  Source,
} from "graphql";
import { schema } from "./schema.mjs";

/** Values of scalars as JSON. They are few, so that some documents find records. */
const SAMPLES = {
  Boolean: [true, false],
  ChangeCursor: ["Y2hhbmdlOjA", "Y2hhbmdlOjc", "Y2hhbmdlOjEyMw"],
  Date: ["2012-06-30", "2024-02-29", "1999-12-31"],
  DateTime: ["2012-06-30T12:00:00Z", "2024-02-29T23:59:59.25+02:00", "1999-12-31T00:00:00-11:30"],
  Float: [0.5, 85, -3.25, 1e3],
  ID: ["jastrzebie-zdroj", "Q2l0eTox", 7, "x"],
  Int: [0, 1, 2, 7, -1, 2147483647],
  Locale: ["pl", "de-AT", "sr-Latn", "und", "pt-PT-u-nu-latn", "zh-cmn-Hans", "i-klingon", "x-own"],
  MapInput: [{}, { pl: "Miasto" }, { pl: "Miasto", de: "Stadt", n: 1 }],
  PartialDateInput: ["2012", "2012-06", "2012-06-30"],
  String: ["jastrzebie-zdroj", "PL", "ż", "🌉", 'a "b" \\ c\n', ""],
  TextInput: ["Miasto", { pl: "Miasto", de: "Stadt" }, ""],
};

/** Arguments with small page sizes, because the specification does not concern costs. */
const SIZES = ["first", "last"];
const TYPES = Object.values(schema.getTypeMap()).filter(isCompositeType);

export const name = (value) => ({ kind: Kind.NAME, value });
export const variableOf = (value) => ({ kind: Kind.VARIABLE, name: name(value) });
export const typeOf = (type) => parseType(String(type), { noLocation: true });
export const spreadOf = (fragment, directives = []) => ({ kind: Kind.FRAGMENT_SPREAD, name: name(fragment), directives });
export const setOf = (selections) => ({ kind: Kind.SELECTION_SET, selections });
export const argumentOf = (key, value) => ({ kind: Kind.ARGUMENT, name: name(key), value });
export const fieldOf = (field, parts = {}) => ({
  kind: Kind.FIELD,
  name: name(field),
  arguments: [],
  directives: [],
  ...parts,
});
const namedTypeOf = (type) => ({ kind: Kind.NAMED_TYPE, name: name(type) });

/** The literal of a JSON value, for scalars. */
export function literalOf(json) {
  if (json === null) return { kind: Kind.NULL };
  if (typeof json === "boolean") return { kind: Kind.BOOLEAN, value: json };
  if (typeof json === "string") return { kind: Kind.STRING, value: json };
  if (typeof json === "number") return { kind: Number.isInteger(json) ? Kind.INT : Kind.FLOAT, value: String(json) };
  if (Array.isArray(json)) return { kind: Kind.LIST, values: json.map(literalOf) };
  return { kind: Kind.OBJECT, fields: Object.entries(json).map(([key, value]) => memberOf(key, literalOf(value))) };
}
const memberOf = (key, value) => ({ kind: Kind.OBJECT_FIELD, name: name(key), value });

/**
 * An operation under construction: `fuel` is the number of fields that it may still get. `prefix` distinguishes its fragments
 * from those of other operations.
 */
const draftOf = (random, prefix, fuel) => ({ random, prefix, fuel, variables: [], fragments: [], count: 0 });
const fresh = (draft, stem) => `${stem}${draft.prefix}${draft.count++}`;

/** A valid request: { document, variables, operationName }. */
export function request(random) {
  const several = random.chance(0.08) ? 2 : 1;
  const operations = Array.from({ length: several }, (_, at) => operation(random, at, several > 1));
  const chosen = random.pick(operations);
  const nameOfChosen = chosen.definition.name?.value;
  return {
    document: {
      kind: Kind.DOCUMENT,
      definitions: operations.flatMap(({ definition, fragments }) => [definition, ...fragments]),
    },
    variables: Object.fromEntries(
      chosen.variables.filter(({ value }) => value !== undefined).map(({ key, value }) => [key, value]),
    ),
    operationName: several > 1 || (nameOfChosen && random.chance(0.3)) ? nameOfChosen : undefined,
  };
}

function operation(random, at, named) {
  const draft = draftOf(random, "ABC"[at], 6 + random.below(24));
  const kind = random.chance(0.84) ? "query" : random.pick(["mutation", "subscription"]);
  const root = schema.getRootType(kind);
  const selections =
    kind === "subscription" ? subscriptionRoot(draft, root) : selectionsOf(draft, root, 2 + random.below(4), new Map());
  const definition = {
    kind: Kind.OPERATION_DEFINITION,
    operation: kind,
    name: named || random.chance(0.6) ? name(`Op${at}`) : undefined,
    variableDefinitions: draft.variables.map(({ definition }) => definition),
    directives: [],
    selectionSet: setOf(selections),
  };
  const shorthand = kind === "query" && !definition.name && draft.variables.length === 0;
  if (!shorthand && random.chance(0.05)) definition.description = { kind: Kind.STRING, value: "An operation." };
  return { definition, fragments: draft.fragments.map(({ definition }) => definition), variables: draft.variables };
}

/** One root field, sometimes twice or in fragments; no directives. */
function subscriptionRoot(draft, root) {
  const taken = new Map();
  const field = fieldIn(draft, root, 3, taken, false);
  const { random } = draft;
  if (random.chance(0.7)) return [field];
  const again = repeated(draft, root, 2, taken);
  if (random.chance(0.5)) return [field, { kind: Kind.INLINE_FRAGMENT, directives: [], selectionSet: setOf([again]) }];
  const fragment = fresh(draft, "F");
  draft.fragments.push({
    key: fragment,
    type: root,
    keys: [...taken.keys()],
    definition: fragmentOf(fragment, root, [field, again]),
  });
  return [spreadOf(fragment)];
}

const fragmentOf = (key, type, selections) => ({
  kind: Kind.FRAGMENT_DEFINITION,
  name: name(key),
  typeCondition: namedTypeOf(type.name),
  directives: [],
  selectionSet: setOf(selections),
});

/**
 * Selections on a type. `taken` has the response keys of this place, including its fragments:
 * key -> { parent, node, inner }, with those of the nested place.
 */
function selectionsOf(draft, parent, depth, taken) {
  const { random } = draft;
  const selections = [];
  const count = 1 + random.below(4);
  for (let at = 0; at < count && (draft.fuel > 0 || selections.length === 0); at++) {
    if (draft.fuel > 0 && random.chance(0.14)) selections.push(inlineFragment(draft, parent, depth, taken));
    else if (draft.fuel > 0 && random.chance(0.12)) selections.push(namedFragment(draft, parent, depth, taken));
    else if (random.chance(0.12) && repeatable(parent, taken).length > 0)
      selections.push(repeated(draft, parent, depth, taken));
    else selections.push(fieldIn(draft, parent, depth, taken, true));
  }
  return selections;
}

function inlineFragment(draft, parent, depth, taken) {
  const type = draft.random.chance(0.25) ? undefined : overlapping(draft, parent);
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: type && namedTypeOf(type.name),
    directives: conditions(draft),
    selectionSet: setOf(selectionsOf(draft, type ?? parent, depth, taken)),
  };
}

function namedFragment(draft, parent, depth, taken) {
  const again = draft.fragments.filter(
    ({ type, keys }) => doTypesOverlap(schema, type, parent) && keys.every((key) => !taken.has(key)),
  );
  if (again.length > 0 && draft.random.chance(0.4)) {
    const fragment = draft.random.pick(again);
    for (const key of fragment.keys) taken.set(key, { parent: undefined });
    return spreadOf(fragment.key, conditions(draft));
  }
  const type = overlapping(draft, parent);
  const before = new Set(taken.keys());
  const selections = selectionsOf(draft, type, depth, taken);
  const key = fresh(draft, "F");
  // A field that repeats one outside the fragment ties the fragment to this place.
  const keys = selections.some((selection) => before.has(selection.alias?.value ?? selection.name?.value))
    ? [...taken.keys()]
    : [...taken.keys()].filter((key) => !before.has(key));
  const definition = fragmentOf(key, type, selections);
  if (draft.random.chance(0.05)) definition.description = { kind: Kind.STRING, value: "A fragment.", block: true };
  draft.fragments.push({ key, type, keys, definition });
  return spreadOf(key, conditions(draft));
}

/** A type for a type condition inside `parent`. */
function overlapping({ random }, parent) {
  if (random.chance(0.3)) return parent;
  return random.pick(TYPES.filter((type) => doTypesOverlap(schema, type, parent)));
}

/** The keys whose fields may be repeated: they were selected on the same type. */
const repeatable = (parent, taken) => [...taken.entries()].filter(([, place]) => place.parent === parent);

function repeated(draft, parent, depth, taken) {
  const [, { node, type, inner }] = draft.random.pick(repeatable(parent, taken));
  const again = { ...structuredClone(node), directives: [] };
  if (inner) again.selectionSet = setOf(selectionsOf(draft, type, Math.max(depth - 1, 0), inner));
  return again;
}

function fieldIn(draft, parent, depth, taken, conditional) {
  const { random } = draft;
  const fields = isUnionType(parent) ? [] : Object.values(parent.getFields());
  const leaves = fields.filter(({ type }) => isLeafType(getNamedType(type)));
  const deeper = fields.filter(({ type }) => !isLeafType(getNamedType(type)));
  const pool = depth > 0 && deeper.length > 0 && (leaves.length === 0 || random.chance(0.5)) ? deeper : leaves;
  draft.fuel -= 1;
  if (pool.length === 0 || random.chance(0.05)) return typename(draft, parent, taken, conditional);
  const field = random.pick(pool);
  const key = taken.has(field.name) || random.chance(0.15) ? fresh(draft, "a") : field.name;
  const node = fieldOf(field.name, {
    alias: key === field.name ? undefined : name(key),
    arguments: field.args.filter((argument) => isGiven(draft, argument)).map((argument) => filled(draft, argument)),
    directives: conditional ? conditions(draft) : [],
  });
  const type = getNamedType(field.type);
  const inner = isLeafType(type) ? undefined : new Map();
  taken.set(key, { parent, node: { ...node, selectionSet: undefined }, type, inner });
  if (inner) node.selectionSet = setOf(selectionsOf(draft, type, Math.max(depth - 1, 0), inner));
  return node;
}

function typename(draft, parent, taken, conditional) {
  // A subscription has no introspection field at its root.
  if (!conditional) return fieldIn(draft, parent, 3, taken, conditional);
  if (!taken.has("__typename")) {
    const node = fieldOf("__typename", { directives: conditions(draft) });
    taken.set("__typename", { parent, node });
    return node;
  }
  return fieldOf("__typename");
}

function isGiven({ random }, argument) {
  return isRequiredArgument(argument) || random.chance(argument.name === "first" ? 0.85 : 0.18);
}

function filled(draft, argument) {
  const isSize = SIZES.includes(argument.name);
  const place = { depth: 3, hasDefault: argument.defaultValue !== undefined, isSize };
  return argumentOf(argument.name, literal(draft, argument.type, place));
}

function conditions(draft) {
  const { random } = draft;
  if (!random.chance(0.06)) return [];
  const value = random.chance(0.5)
    ? literalOf(random.chance(0.5))
    : variable(draft, schema.getDirective("skip").args[0].type, {});
  const directive = (key) => ({ kind: Kind.DIRECTIVE, name: name(key), arguments: [argumentOf("if", value)] });
  const key = random.pick(["skip", "include"]);
  return random.chance(0.1) ? [directive(key), directive(key === "skip" ? "include" : "skip")] : [directive(key)];
}

/** A literal of an input type, with variables in it, unless it is a `constant`. */
function literal(draft, type, place) {
  const { random } = draft;
  // Under a non-null type the choice was made with that type.
  if (!place.constant && !place.inNonNull && random.chance(0.16)) return variable(draft, type, place);
  if (isNonNullType(type)) return literal(draft, type.ofType, { ...place, notNull: true, inNonNull: true });
  if (!place.notNull && random.chance(0.06)) return literalOf(null);
  const inner = { ...place, depth: place.depth - 1, hasDefault: false, notNull: false, inNonNull: false, oneOf: false };
  if (isListType(type)) {
    // A single value is coerced to a list of one, unless it is null.
    if (random.chance(0.2)) return literal(draft, type.ofType, { ...inner, constant: true, notNull: true });
    return { kind: Kind.LIST, values: Array.from({ length: random.below(3) }, () => literal(draft, type.ofType, inner)) };
  }
  if (isEnumType(type)) return { kind: Kind.ENUM, value: random.pick(type.getValues()).name };
  if (isInputObjectType(type)) {
    const fields = membersGiven(draft, type, place.depth).map((field) => {
      const hasDefault = field.defaultValue !== undefined;
      return memberOf(
        field.name,
        literal(draft, field.type, { ...inner, hasDefault, notNull: type.isOneOf, oneOf: type.isOneOf }),
      );
    });
    return { kind: Kind.OBJECT, fields };
  }
  if (type.name === "MapInput" && !place.constant && random.chance(0.3)) {
    return { kind: Kind.OBJECT, fields: [memberOf("pl", variable(draft, schema.getType("String"), {}))] };
  }
  return literalOf(sample(draft, type, place));
}

function sample({ random }, type, place) {
  return place.isSize ? 1 + random.below(3) : random.pick(SAMPLES[type.name]);
}

/** The present members of an input object. */
function membersGiven({ random }, type, depth) {
  const fields = Object.values(type.getFields());
  if (type.isOneOf) return [random.pick(fields)];
  const flat = depth > 0 ? fields : fields.filter((field) => !isInputObjectType(getNamedType(field.type)));
  const chosen = flat.length > 0 && random.chance(0.9) ? [random.pick(flat), random.pick(flat)] : [];
  return fields.filter((field) => isRequiredInputField(field) || chosen.includes(field));
}

/** The JSON of a value of an input type. */
export function json(draft, type, place) {
  const { random } = draft;
  if (isNonNullType(type)) return json(draft, type.ofType, { ...place, notNull: true });
  if (!place.notNull && random.chance(0.06)) return null;
  const inner = { ...place, depth: place.depth - 1, notNull: false };
  if (isListType(type)) {
    if (random.chance(0.15)) return json(draft, type.ofType, { ...inner, notNull: true });
    return Array.from({ length: random.below(3) }, () => json(draft, type.ofType, inner));
  }
  if (isEnumType(type)) return random.pick(type.getValues()).name;
  if (isInputObjectType(type)) {
    const members = membersGiven(draft, type, place.depth);
    return Object.fromEntries(
      members.map((field) => [field.name, json(draft, field.type, { ...inner, notNull: type.isOneOf })]),
    );
  }
  return sample(draft, type, place);
}

/** A variable that is valid at a place of a type: an earlier one, or a new one with its definition and its value. */
function variable(draft, type, place) {
  const { random } = draft;
  const earlier = draft.variables.filter((known) => String(known.type) === String(type) && known.isSize === place.isSize);
  if (earlier.length > 0 && !place.oneOf && random.chance(0.3)) return variableOf(random.pick(earlier).key);
  const key = fresh(draft, "v");
  const isNullable = !isNonNullType(type);
  // A default makes a nullable variable valid at a place that does not accept null.
  const relaxed = !isNullable && !place.oneOf && random.chance(0.2);
  const strict = isNullable && (place.oneOf || random.chance(0.25));
  const text = relaxed ? String(type.ofType) : strict ? `${type}!` : String(type);
  const hasDefault = relaxed ? !(place.hasDefault && random.chance(0.5)) : random.chance(0.25);
  const constant = { depth: 1, isSize: place.isSize, constant: true, notNull: relaxed || strict };
  const definition = {
    kind: Kind.VARIABLE_DEFINITION,
    variable: variableOf(key),
    type: typeOf(text),
    defaultValue: hasDefault ? literal(draft, type, constant) : undefined,
    directives: [],
  };
  if (random.chance(0.04)) definition.description = { kind: Kind.STRING, value: "A variable." };
  const mayBeAbsent = hasDefault || !text.endsWith("!");
  const value = () => json(draft, type, { depth: 2, isSize: place.isSize, notNull: text.endsWith("!") });
  const present = mayBeAbsent && random.chance(0.4) ? undefined : value();
  draft.variables.push({ key, type: strict || relaxed ? undefined : type, isSize: place.isSize, definition, value: present });
  return variableOf(key);
}

/** The tokens of a document. */
export function tokens(text) {
  const lexer = new Lexer(new Source(text));
  const written = [];
  for (let token = lexer.advance(); token.kind !== "<EOF>"; token = lexer.advance())
    written.push(text.slice(token.start, token.end));
  return written;
}

const IGNORED = [" ", "  ", "\n", "\r\n", "\t", ",", ' # note: { " \n', "\uFEFF ", ", ,"];

/** The text of a document, sometimes with other ignored tokens between the tokens. */
export function written(random, document) {
  const text = print(document);
  if (!random.chance(0.2)) return text;
  return tokens(text)
    .map((token) => token + (random.chance(0.3) ? random.pick(IGNORED) : " "))
    .join("");
}

/** Punctuators and keywords of the language, for random texts. */
export const WORDS = [
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  "!",
  "$",
  "@",
  ":",
  "=",
  "...",
  "|",
  "&",
  "on",
  "query",
  "fragment",
  "null",
  "true",
];
