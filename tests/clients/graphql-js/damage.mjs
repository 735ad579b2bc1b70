// Damages a valid request in one place: in its tree, in its tokens, in its variables or in the name of its operation.
//
// An operator changes its argument and returns true if it found a place. It does not know the rules of the schema: many of
// its results are still valid.
import { isCompositeType, isInputType, Kind, print } from "graphql";
import { argumentOf, fieldOf, literalOf, name, setOf, spreadOf, tokens, typeOf, variableOf, WORDS } from "./documents.mjs";
import { schema } from "./schema.mjs";

const ALL_TYPES = Object.values(schema.getTypeMap());
const COMPOSITES = ALL_TYPES.filter(isCompositeType).map(({ name }) => name);
const INPUTS = ALL_TYPES.filter(isInputType).map(({ name }) => name);
const FIELDS = [...new Set(ALL_TYPES.filter(isCompositeType).flatMap((type) => Object.keys(type.getFields?.() ?? {})))];
const DIRECTIVES = ["skip", "include", "deprecated", "cost", "oneOf", "listSize", "specifiedBy", "defer", "hidden"];

/** All nodes of the kinds in a tree, each with the list that contains it, if there is one. */
function nodes(tree, ...kinds) {
  const found = [];
  const visit = (node, list) => {
    if (kinds.includes(node.kind)) found.push({ node, list });
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) for (const item of value) visit(item, value);
      else if (typeof value === "object" && value !== null) visit(value, undefined);
    }
  };
  visit(tree, undefined);
  return found;
}

const VALUES = [Kind.INT, Kind.FLOAT, Kind.STRING, Kind.BOOLEAN, Kind.NULL, Kind.ENUM, Kind.LIST, Kind.OBJECT, Kind.VARIABLE];
const SELECTIONS = [Kind.FIELD, Kind.INLINE_FRAGMENT, Kind.FRAGMENT_SPREAD];

/** A word with one letter changed, added or lost. */
function misspelt(random, word) {
  const at = random.below(word.length);
  return (
    random.pick([
      word.slice(0, at) + "x" + word.slice(at),
      word.slice(0, at) + word.slice(at + 1),
      word[0].toUpperCase() + word.slice(1),
      `_${word}`,
    ]) || "x"
  );
}

/** The fields of a selection set, including those in its inline fragments. */
const fieldsOf = ({ selections }) =>
  selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node];
    return node.kind === Kind.INLINE_FRAGMENT ? fieldsOf(node.selectionSet) : [];
  });

/** Replaces a node by another one. */
function become(node, other) {
  const copy = structuredClone(other);
  for (const key of Object.keys(node)) delete node[key];
  Object.assign(node, copy);
}

const remove = ({ node, list }) => list.splice(list.indexOf(node), 1);
const double = ({ node, list }) => list.splice(list.indexOf(node), 0, structuredClone(node));

/** An operator on one random node of the kinds. */
function on(kinds, change, accepts = () => true) {
  return (random, tree) => {
    const candidates = nodes(tree, ...kinds).filter((candidate) => accepts(candidate));
    if (candidates.length === 0) return false;
    return change(random, random.pick(candidates), tree) !== false;
  };
}

const someValue = (random) =>
  random.pick([
    literalOf(random.pick([0, 1, -1, 7, 2147483648, 99999999999])),
    literalOf(random.pick([1.5, 0.1, -2.5])),
    literalOf(random.pick(["", "x", "1", "2012-02-30", "2012", "true", "CITY"])),
    literalOf(random.chance(0.5)),
    literalOf(null),
    { kind: Kind.ENUM, value: random.pick(["ASC", "CITY", "NAME", "PUBLIC", "x"]) },
    { kind: Kind.LIST, values: [] },
    { kind: Kind.LIST, values: [literalOf(1), literalOf("x")] },
    { kind: Kind.OBJECT, fields: [] },
    { kind: Kind.OBJECT, fields: [{ kind: Kind.OBJECT_FIELD, name: name("eq"), value: literalOf("x") }] },
  ]);

const directive = (random, key) => ({
  kind: Kind.DIRECTIVE,
  name: name(key),
  arguments: random.chance(0.85)
    ? [argumentOf(random.chance(0.9) ? "if" : "unless", literalOf(random.chance(0.9) ? random.chance(0.5) : "true"))]
    : [],
});

/** True if a node is a value: neither the name in the definition of a variable nor a description. */
const isValue = ({ node }) => !node.isDefinition && !node.isDescription;
const hasArguments = ({ node }) => node.arguments.length > 0;
const withSelections = ({ node }) => node.selectionSet !== undefined;
const named = (node) => node.alias?.value ?? node.name.value;

export const TREE = {
  "a field gets another name": on([Kind.FIELD], (random, { node }) => {
    node.name = name(random.chance(0.4) ? misspelt(random, node.name.value) : random.pick(FIELDS));
  }),
  "a field gets the name of another one in the document": on([Kind.FIELD], (random, { node }, tree) => {
    node.name = structuredClone(random.pick(nodes(tree, Kind.FIELD)).node.name);
  }),
  "an alias is that of another field beside it": on([Kind.SELECTION_SET], (random, { node }) => {
    const fields = fieldsOf(node);
    const [one, other] = [random.pick(fields), random.pick(fields)];
    if (!one || one === other) return false;
    one.alias = name(named(other));
  }),
  "two fields anywhere have one alias": (random, tree) => {
    const fields = nodes(tree, Kind.FIELD).map(({ node }) => node);
    if (fields.length < 2) return false;
    for (const field of [random.pick(fields), random.pick(fields)]) field.alias = name("same");
    return true;
  },
  "a field is selected again with another argument": on(
    [Kind.FIELD],
    (random, place) => {
      double(place);
      random.pick(place.node.arguments).value = someValue(random);
    },
    hasArguments,
  ),
  "a field is selected again without its arguments": on(
    [Kind.FIELD],
    (random, place) => {
      double(place);
      place.node.arguments = [];
    },
    hasArguments,
  ),
  "a selection is moved": on(
    SELECTIONS,
    (random, place, tree) => {
      const [from, to] = [place.node, random.pick(nodes(tree, Kind.SELECTION_SET)).node];
      to.selections.push(structuredClone(from));
      if (random.chance(0.5)) remove(place);
    },
    ({ list }) => list?.length > 1,
  ),
  "a selection is doubled": on(SELECTIONS, (random, place) => double(place)),
  "a selection is lost": on(
    SELECTIONS,
    (random, place) => remove(place),
    ({ list }) => list.length > 1,
  ),
  "a selection set is lost": on(
    [Kind.FIELD],
    (random, { node }) => {
      node.selectionSet = undefined;
    },
    withSelections,
  ),
  "a leaf gets a selection set": on(
    [Kind.FIELD],
    (random, { node }) => {
      node.selectionSet = setOf([fieldOf(random.pick(["__typename", "id", "slug"]))]);
    },
    (place) => !withSelections(place),
  ),
  "an argument gets another name": on([Kind.ARGUMENT], (random, { node }) => {
    node.name = name(random.pick([misspelt(random, node.name.value), "first", "filter", "by", "id", "locales", "if"]));
  }),
  "an argument is lost": on([Kind.ARGUMENT], (random, place) => remove(place)),
  "an argument is repeated": on([Kind.ARGUMENT], (random, place) => double(place)),
  "an argument is added": on([Kind.FIELD], (random, { node }) => {
    node.arguments = [
      ...node.arguments,
      argumentOf(random.pick(["first", "last", "filter", "orderBy", "locales", "by", "id"]), someValue(random)),
    ];
  }),
  "a value is another": on(VALUES, (random, { node }) => become(node, someValue(random)), isValue),
  "a value is the text of it": on([Kind.INT, Kind.FLOAT, Kind.ENUM, Kind.BOOLEAN], (random, { node }) =>
    become(node, literalOf(String(node.value))),
  ),
  "a text is no text": on(
    [Kind.STRING],
    (random, { node }) => {
      become(node, random.chance(0.5) ? { kind: Kind.ENUM, value: "TEXT" } : literalOf(12));
    },
    isValue,
  ),
  "a text is another": on([Kind.STRING], (random, { node }) => {
    node.value = random.pick([
      `${node.value} `,
      [...node.value].slice(1).join(""),
      `${node.value}0`,
      node.value.replaceAll("-", ""),
      "2013-02-29",
    ]);
  }),
  "a number is another": on([Kind.INT, Kind.FLOAT], (random, { node }) => {
    const value = random.pick(["0", "-0", "2147483647", "2147483648", "-2147483649", "1.0", "1e3", "99999999999999999999"]);
    become(node, { kind: /^-?\d+$/.test(value) ? Kind.INT : Kind.FLOAT, value });
  }),
  "an enum value is another": on([Kind.ENUM], (random, { node }) => {
    node.value = random.pick([misspelt(random, node.value), node.value.toLowerCase(), "ASC", "NAME", "CITY"]);
    if (["true", "false", "null"].includes(node.value)) return false;
  }),
  "a value is in a list": on(VALUES, (random, { node }) => become(node, { kind: Kind.LIST, values: [node] }), isValue),
  "a list has a null": on([Kind.LIST], (random, { node }) => node.values.push(literalOf(null))),
  "two values change places": (random, tree) => {
    const values = nodes(tree, Kind.ARGUMENT, Kind.OBJECT_FIELD);
    const [one, other] = [random.pick(values)?.node, random.pick(values)?.node];
    if (
      !one ||
      one === other ||
      nodes(one, other.kind).some(({ node }) => node === other) ||
      nodes(other, one.kind).some(({ node }) => node === one)
    )
      return false;
    [one.value, other.value] = [other.value, one.value];
    return true;
  },
  "a member is repeated": on([Kind.OBJECT_FIELD], (random, place) => double(place)),
  "a member is lost": on([Kind.OBJECT_FIELD], (random, place) => remove(place)),
  "a member gets another name": on([Kind.OBJECT_FIELD], (random, { node }) => {
    node.name = name(random.pick([misspelt(random, node.name.value), "eq", "in", "slug", "id", "not", "field"]));
  }),
  "a member is added": on([Kind.OBJECT], (random, { node }) => {
    const key = random.pick(["slug", "id", "eq", "and", "direction", "isNull", "other"]);
    node.fields.push({ kind: Kind.OBJECT_FIELD, name: name(key), value: someValue(random) });
  }),
  "a value is a variable": on(
    VALUES,
    (random, { node }, tree) => {
      const definitions = nodes(tree, Kind.VARIABLE_DEFINITION);
      const known =
        definitions.length > 0 && random.chance(0.8) ? random.pick(definitions).node.variable.name.value : "unknown";
      become(node, variableOf(known));
    },
    isValue,
  ),
  "a variable is used under another name": on([Kind.VARIABLE], (random, { node }, tree) => {
    const others = nodes(tree, Kind.VARIABLE).map(({ node }) => node.name.value);
    node.name = name(random.chance(0.5) ? misspelt(random, node.name.value) : random.pick(others));
  }),
  "a variable is defined under another name": on([Kind.VARIABLE_DEFINITION], (random, { node }) => {
    node.variable = variableOf(misspelt(random, node.variable.name.value));
  }),
  "a variable is defined twice": on([Kind.VARIABLE_DEFINITION], (random, place) => double(place)),
  "a variable is not defined": on([Kind.VARIABLE_DEFINITION], (random, place) => remove(place)),
  "a variable is not used": on([Kind.OPERATION_DEFINITION], (random, { node }) => {
    node.variableDefinitions = [
      ...(node.variableDefinitions ?? []),
      { kind: Kind.VARIABLE_DEFINITION, variable: variableOf("unused"), type: typeOf("Int"), directives: [] },
    ];
  }),
  "a variable has another type": on([Kind.VARIABLE_DEFINITION], (random, { node }) => {
    node.type = typeOf(
      random.pick([
        random.pick(INPUTS),
        random.pick(["Int", "String", "ID", "Boolean", "Float", "[String]", "[ID!]!"]),
        random.pick(COMPOSITES),
        "Unknown",
      ]),
    );
  }),
  "a variable is stricter or laxer": on([Kind.VARIABLE_DEFINITION], (random, { node }) => {
    const text = print(node.type);
    const inner = text.replace(/!$/, "");
    node.type = typeOf(
      random.pick([inner, `${inner}!`, `[${text}]`, `[${text}]!`, text.replaceAll(/[[\]!]/g, ""), text.replaceAll("!", "")]),
    );
  }),
  "a variable may be null": on([Kind.VARIABLE_DEFINITION], (random, { node }) => {
    if (node.type.kind !== Kind.NON_NULL_TYPE) return false;
    node.type = node.type.type;
    if (random.chance(0.5)) node.defaultValue = random.chance(0.7) ? literalOf(null) : undefined;
  }),
  "a default is another": on([Kind.VARIABLE_DEFINITION], (random, { node }) => {
    node.defaultValue = random.chance(0.3) ? undefined : random.chance(0.3) ? literalOf(null) : someValue(random);
  }),
  "a condition names another type": on([Kind.INLINE_FRAGMENT, Kind.FRAGMENT_DEFINITION], (random, { node }) => {
    const other = random.pick([random.pick(COMPOSITES), "Node", "Activity", "Party", random.pick(INPUTS), "Unknown"]);
    node.typeCondition = { kind: Kind.NAMED_TYPE, name: name(other) };
  }),
  "selections stand under a condition": on(
    [Kind.FIELD, Kind.INLINE_FRAGMENT],
    (random, { node }) => {
      const typeCondition = {
        kind: Kind.NAMED_TYPE,
        name: name(random.pick([random.pick(COMPOSITES), "Node", "Activity", "Party", "City", "Query"])),
      };
      node.selectionSet = setOf([
        { kind: Kind.INLINE_FRAGMENT, typeCondition, directives: [], selectionSet: node.selectionSet },
      ]);
    },
    withSelections,
  ),
  "a spread names another fragment": on([Kind.FRAGMENT_SPREAD], (random, { node }, tree) => {
    const others = nodes(tree, Kind.FRAGMENT_DEFINITION).map(({ node }) => node.name.value);
    node.name = name(random.chance(0.3) || others.length === 0 ? "Missing" : random.pick(others));
  }),
  "a fragment is spread elsewhere": on([Kind.FRAGMENT_DEFINITION], (random, { node }, tree) => {
    random.pick(nodes(tree, Kind.SELECTION_SET)).node.selections.push(spreadOf(node.name.value));
  }),
  "a fragment is spread within itself": on([Kind.FRAGMENT_DEFINITION], (random, { node }) => {
    random.pick(nodes(node, Kind.SELECTION_SET)).node.selections.push(spreadOf(node.name.value));
  }),
  "a fragment is defined twice": on([Kind.FRAGMENT_DEFINITION], (random, place) => double(place)),
  "a fragment is not defined": on([Kind.FRAGMENT_DEFINITION], (random, place) => remove(place)),
  "a fragment is not used": (random, tree) => {
    const typeCondition = { kind: Kind.NAMED_TYPE, name: name(random.pick(COMPOSITES)) };
    tree.definitions.push({
      kind: Kind.FRAGMENT_DEFINITION,
      name: name("Unused"),
      typeCondition,
      directives: [],
      selectionSet: setOf([fieldOf("__typename")]),
    });
    return true;
  },
  "a directive is added": on(
    [
      Kind.FIELD,
      Kind.INLINE_FRAGMENT,
      Kind.FRAGMENT_SPREAD,
      Kind.OPERATION_DEFINITION,
      Kind.FRAGMENT_DEFINITION,
      Kind.VARIABLE_DEFINITION,
    ],
    (random, { node }) => {
      const key = random.chance(0.6) ? random.pick(["skip", "include"]) : random.pick(DIRECTIVES);
      node.directives = [...(node.directives ?? []), directive(random, key)];
    },
  ),
  "the root of an operation has a condition": on([Kind.OPERATION_DEFINITION], (random, { node }) => {
    const selection = random.pick(node.selectionSet.selections);
    selection.directives = [directive(random, random.pick(["skip", "include"]))];
  }),
  "a directive is repeated": on([Kind.DIRECTIVE], (random, place) => double(place)),
  "a directive has another name": on([Kind.DIRECTIVE], (random, { node }) => {
    node.name = name(random.pick(DIRECTIVES));
  }),
  "an operation is of another type": on([Kind.OPERATION_DEFINITION], (random, { node }) => {
    node.operation = random.pick(["query", "mutation", "subscription"]);
  }),
  "an operation is added": (random, tree) => {
    const operation = random.pick(["query", "subscription"]);
    const field = operation === "query" ? "homeCity" : "changes";
    const selectionSet = setOf([fieldOf(field, { selectionSet: setOf([fieldOf("id")]) })]);
    const key = random.pick([undefined, "Op0", "Op1", "More"]);
    tree.definitions.push({
      kind: Kind.OPERATION_DEFINITION,
      operation,
      name: key && name(key),
      variableDefinitions: [],
      directives: [],
      selectionSet,
    });
    return true;
  },
  "an operation is lost": on([Kind.OPERATION_DEFINITION], (random, place) => remove(place)),
  "an operation has another name": on([Kind.OPERATION_DEFINITION], (random, { node }) => {
    node.name = random.chance(0.4) ? undefined : name("Other");
  }),
  "an introspection field is added": on([Kind.SELECTION_SET], (random, { node }) => {
    const type = fieldOf("__type", {
      arguments: [argumentOf("name", literalOf("City"))],
      selectionSet: setOf([fieldOf("kind")]),
    });
    const schemaField = fieldOf("__schema", {
      selectionSet: setOf([fieldOf("queryType", { selectionSet: setOf([fieldOf("name")]) })]),
    });
    node.selections.push(random.pick([fieldOf("__typename"), type, schemaField]));
  }),
  "something is described": on(
    [Kind.OPERATION_DEFINITION, Kind.FRAGMENT_DEFINITION, Kind.VARIABLE_DEFINITION],
    (random, { node }) => {
      node.description = { kind: Kind.STRING, value: "Described.", block: random.chance(0.5) };
    },
  ),
};

const EXTRA_TOKENS = [
  ...WORDS,
  "x",
  "0",
  "00",
  "-0",
  "1.",
  "1.5",
  ".5",
  "1a",
  "0x1",
  '"x"',
  '"',
  '"""b"""',
  '"\\u{1F309}"',
  '"\\uD83C"',
  '"\\q"',
  "\u00e9",
  "%",
  "#",
  ",",
  "\uFEFF",
];

export const TOKENS = {
  "a token is lost": (random, list) => list.splice(random.below(list.length), 1),
  "a token is doubled": (random, list) => {
    const at = random.below(list.length);
    list.splice(at, 0, list[at]);
  },
  "two tokens change places": (random, list) => {
    const at = random.below(list.length - 1);
    [list[at], list[at + 1]] = [list[at + 1], list[at]];
  },
  "a token is another": (random, list) => list.splice(random.below(list.length), 1, random.pick(EXTRA_TOKENS)),
  "a token is added": (random, list) => list.splice(random.below(list.length + 1), 0, random.pick(EXTRA_TOKENS)),
  "two tokens are one": (random, list) => {
    const at = random.below(list.length - 1);
    list.splice(at, 2, list[at] + list[at + 1]);
  },
  "the rest is lost": (random, list) => list.splice(random.below(list.length)),
};

const WRONG = [
  null,
  true,
  0,
  7,
  1.5,
  2147483648,
  "",
  "x",
  "2012-02-30",
  "CITY",
  [],
  ["x"],
  [null],
  {},
  { slug: "x" },
  { eq: 1 },
];

/** Every place in a JSON value: the object or list that contains it, and its key. */
function places(json, key) {
  const value = json[key];
  const below = typeof value === "object" && value !== null ? Object.keys(value).flatMap((inner) => places(value, inner)) : [];
  return [{ holder: json, key }, ...below];
}

export const VARIABLES = {
  "a value is another": (random, { holder, key }) => (holder[key] = random.pick(WRONG)),
  "a value is in a list": (random, { holder, key }) => (holder[key] = [holder[key]]),
  "a value is its text": (random, { holder, key }) => (holder[key] = JSON.stringify(holder[key])),
  "a value is lost": (random, { holder, key }) => (Array.isArray(holder) ? holder.splice(key, 1) : delete holder[key]),
  "a value is added": (random, { holder, key }) =>
    Array.isArray(holder) ? holder.push(random.pick(WRONG)) : (holder[`${key}x`] = random.pick(WRONG)),
  "a number is another": (random, { holder, key }) => {
    if (typeof holder[key] !== "number") return false;
    holder[key] = random.pick([holder[key] + 0.5, -holder[key], holder[key] * 1e10, String(holder[key]), holder[key] === 1]);
  },
  "a text is another": (random, { holder, key }) => {
    if (typeof holder[key] !== "string") return false;
    holder[key] = random.pick([
      `${holder[key]} `,
      holder[key].toLowerCase(),
      [...holder[key]].slice(1).join(""),
      `${holder[key]}-01`,
    ]);
  },
};

/** Damages a request, { document, variables, operationName }, whose text is `query`; returns a request and the operators. */
export function damaged(random, { document, query, variables, operationName }) {
  const operators = [];
  let request = { query, variables, operationName };
  if (random.chance(0.42)) {
    const tree = structuredClone(document);
    mark(tree);
    for (let times = random.chance(0.15) ? 2 : 1; times > 0; times--) operators.push(apply(random, TREE, tree));
    if (tree.definitions.length > 0) request.query = print(tree);
  } else if (random.chance(0.3)) {
    const list = tokens(query);
    operators.push(apply(random, TOKENS, list));
    request.query = list.join(" ");
  }
  const keys = Object.keys(variables);
  if (keys.length > 0 && random.chance(0.16)) {
    request.variables = structuredClone(variables);
    const all = keys.flatMap((key) => places(request.variables, key));
    operators.push(apply(random, VARIABLES, random.pick(all)));
  }
  if (random.chance(0.03)) {
    request.operationName = random.pick(["Op0", "Op1", "Other", undefined, null]);
    operators.push("another operation name");
  }
  return { request, operators };
}

/** Marks nodes that look like values but are not. */
function mark(tree) {
  for (const { node } of nodes(tree, Kind.VARIABLE_DEFINITION)) node.variable.isDefinition = true;
  for (const { node } of nodes(tree, Kind.VARIABLE_DEFINITION, Kind.OPERATION_DEFINITION, Kind.FRAGMENT_DEFINITION)) {
    if (node.description) node.description.isDescription = true;
  }
}

/** Applies one operator that finds a place, and returns its name. */
function apply(random, operators, subject) {
  for (let tries = 0; tries < 20; tries++) {
    const key = random.pick(Object.keys(operators));
    if (operators[key](random, subject) !== false) return key;
  }
  return "nothing";
}
