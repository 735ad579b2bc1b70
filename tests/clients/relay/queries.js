// What relay-compiler reads. It knows the tag by its name; what it makes of these is in __generated__.
const graphql = String.raw;

graphql`
  fragment queriesCities on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 3 }, after: { type: "String" })
  @refetchable(queryName: "queriesCitiesPage") {
    cities(first: $first, after: $after) @connection(key: "queries_cities") {
      edges { node { id slug } }
    }
  }
`;

graphql`
  query queriesHomeQuery {
    homeCity { id slug ...queriesName }
    ...queriesCities
  }
`;

graphql`
  fragment queriesName on City @refetchable(queryName: "queriesNameAgain") {
    name { value }
  }
`;
