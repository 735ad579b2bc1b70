// The rules of @graphql-eslint for the schema. Every disabled rule has its reason.
import graphql from "@graphql-eslint/eslint-plugin";

const { configs } = graphql;

const VALUES = [
  "AgreementSuspension", "AgreementTermination", "AlternateName", "Budget", "BudgetShare", "ChangePage", "Citation", "CityCode", "Dataset", "Digest", "FieldDifference", "Formation",
  "History", "HistoryEntry", "LocalizedText", "Location", "Money",
  "Output", "PageInfo", "PartialDate", "Participants", "PartnershipSide", "Place", "Population", "ProjectPartner",
  "Quantity", "RateLimit", "RecordCount", "Region", "SideCount", "Source", "StatusPeriod", "Suggestion",
  "TextVariant", "Theme", "Viewer", "WriteError",
];

export default [
  {
    files: ["schema.graphql"],
    plugins: { "@graphql-eslint": graphql },
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: "schema.graphql" } } },
    rules: {
      ...configs["flat/schema-recommended"].rules,
      ...configs["flat/schema-relay"].rules,
      // A list that can grow is a connection of edges. A short list with an order of its own (the parties of an agreement)
      // is a plain list; and connections have `nodes` beside `edges`.
      "@graphql-eslint/relay-edge-types": ["error", { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false }],
      // Records have an id. Values (a date, a text, a source) have none: they belong to their record.
      "@graphql-eslint/strict-id-in-types": ["error", { exceptions: { suffixes: ["Connection", "Edge", "Payload"], types: VALUES } }],
      // In the whole schema this finds only `Answer.answeredOn`, which is a date and not a prefix.
      "@graphql-eslint/no-typename-prefix": "off",
      // A short description is on one line, a longer one in a block.
      "@graphql-eslint/description-style": "off",
    },
  },
];
