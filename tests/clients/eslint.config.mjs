// The rules of @graphql-eslint on the schema. What is switched off says why.
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
      // A list that can grow is a connection of edges. What a record has a few of, in an order of its own (the parties of
      // an agreement), is a plain list; and connections have `nodes` beside `edges`.
      "@graphql-eslint/relay-edge-types": ["error", { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false }],
      // Records have an id. Values (a date, a text, a source) have none: they belong to their record.
      "@graphql-eslint/strict-id-in-types": ["error", { exceptions: { suffixes: ["Connection", "Edge", "Payload"], types: VALUES } }],
      // Of the whole schema this finds `Answer.answeredOn` alone, which is the day and no prefix.
      "@graphql-eslint/no-typename-prefix": "off",
      // A description of one line stands on one line, a longer one in a block.
      "@graphql-eslint/description-style": "off",
    },
  },
];
