// Cases in which graphql-js 16 accepts a request that the specification of September 2025 refuses, and the registry follows
// the specification. Each correction is narrow: the registry must refuse every request that it finds.
import { getNamedType, GraphQLError, isInputObjectType, isNonNullType, Kind, typeFromAST } from "graphql";

/** §5.8.5: a member of a @oneOf input never accepts a nullable variable. graphql-js does not check it under a non-null type. */
function nullableVariableInOneOf(context) {
  return {
    OperationDefinition(operation) {
      const types = new Map(operation.variableDefinitions?.map((definition) => [definition.variable.name.value, definition]));
      for (const { node, parentType } of context.getRecursiveVariableUsages(operation)) {
        const input = isNonNullType(parentType) ? parentType.ofType : parentType;
        const definition = types.get(node.name.value);
        if (!definition || !isInputObjectType(input) || !input.isOneOf) continue;
        const type = typeFromAST(context.getSchema(), definition.type);
        const hasDefault = definition.defaultValue && definition.defaultValue.kind !== Kind.NULL;
        if (type && !isNonNullType(type) && !hasDefault) {
          context.reportError(new GraphQLError(`$${node.name.value} may be null in ${input.name}`, { nodes: node }));
        }
      }
    },
  };
}

/** §5.2.4.1: no selection in the root selection set of a subscription or in its fragments has @skip or @include. */
function conditionAtSubscriptionRoot(context) {
  function check(selectionSet, visited) {
    for (const selection of selectionSet.selections) {
      for (const { name } of selection.directives ?? []) {
        if (name.value === "skip" || name.value === "include") {
          context.reportError(new GraphQLError(`@${name.value} at the root of a subscription`, { nodes: selection }));
        }
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) check(selection.selectionSet, visited);
      if (selection.kind !== Kind.FRAGMENT_SPREAD || visited.has(selection.name.value)) continue;
      visited.add(selection.name.value);
      const fragment = context.getFragment(selection.name.value);
      if (fragment) check(fragment.selectionSet, visited);
    }
  }
  return {
    OperationDefinition(operation) {
      if (operation.operation === "subscription") check(operation.selectionSet, new Set());
    },
  };
}

/** §3.5.2: a Float is a finite number. graphql-js reads the literal 1e400 as infinity. */
function infiniteFloat(context) {
  const check = (node) => {
    if (getNamedType(context.getInputType())?.name === "Float" && !Number.isFinite(Number(node.value))) {
      context.reportError(new GraphQLError(`${node.value} is not finite`, { nodes: node }));
    }
  };
  return { IntValue: check, FloatValue: check };
}

/** §4.2: `includeDeprecated` is a `Boolean!` with a default. In graphql-js it is a `Boolean`. */
function nullForIncludeDeprecated(context) {
  return {
    NullValue(node) {
      if (context.getArgument()?.name === "includeDeprecated" && context.getParentType()?.name.startsWith("__")) {
        context.reportError(new GraphQLError("includeDeprecated is null", { nodes: node }));
      }
    },
  };
}

/** Rules that are added to those of graphql-js. */
export const RULES = {
  "nullable variable in a @oneOf input": nullableVariableInOneOf,
  "@skip or @include at the root of a subscription": conditionAtSubscriptionRoot,
  "a Float that is not finite": infiniteFloat,
  "null for includeDeprecated": nullForIncludeDeprecated,
};

/**
 * §6.4.1: null at a place of a non-null type, which is valid only because of the default of a variable, is an error of the field.
 * graphql-js executes the rest; the registry refuses the request before anything is executed.
 */
export const NULL_FOR_DEFAULT = "null for a variable that is valid only by its default";

/** The rule that finds such a variable among the values of a request. */
export const nullForDefault = (operation, values) => (context) => ({
  OperationDefinition(node) {
    if (node !== operation) return;
    const defined = new Map(node.variableDefinitions?.map((definition) => [definition.variable.name.value, definition]));
    for (const { node: variable, type, parentType } of context.getRecursiveVariableUsages(node)) {
      const { name } = variable;
      const input = isNonNullType(parentType) ? parentType.ofType : parentType;
      const isRequired = isNonNullType(type) || (isInputObjectType(input) && input.isOneOf);
      if (isRequired && values[name.value] === null && defined.get(name.value)?.type.kind !== Kind.NON_NULL_TYPE) {
        context.reportError(new GraphQLError(`$${name.value} is null`, { nodes: variable }));
      }
    }
  },
});

/** `JSON.parse` silently uses the last of two members with one name. */
export const DUPLICATE_MEMBERS = "a repeated member in the JSON of variables";

/** True if an object in a JSON text has two members with one name. The text must be JSON. */
export function hasDuplicateMembers(text) {
  const open = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (token.endsWith(":")) {
      const name = JSON.parse(token.slice(0, -1));
      if (open.at(-1).has(name)) return true;
      open.at(-1).add(name);
    }
  }
  return false;
}
