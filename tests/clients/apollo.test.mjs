import assert from "node:assert/strict";
import { test } from "node:test";
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { POMOST, socketOf, TRANSPORTS } from "./server.mjs";

const cache = () =>
  new InMemoryCache({ typePolicies: { Query: { fields: { cities: relayStylePagination(["filter", "orderBy"]) } } } });

test("reads, pages and caches", async () => {
  const client = new ApolloClient({ cache: cache(), link: new HttpLink({ uri: POMOST, fetch }) });
  const query = gql`
    query Cities($first: Int!, $after: String) {
      cities(first: $first, after: $after) {
        edges { cursor node { id slug } }
        pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
      }
    }
  `;
  const watched = client.watchQuery({ query, variables: { first: 3 } });
  let { data } = await watched.refetch();
  while (data.cities.pageInfo.hasNextPage) {
    await watched.fetchMore({ variables: { first: 3, after: data.cities.pageInfo.endCursor } });
    data = client.readQuery({ query, variables: { first: 3 } });
  }
  const slugs = data.cities.edges.map(({ node }) => node.slug);
  assert.ok(slugs.length > 3 && new Set(slugs).size === slugs.length);
  client.stop();
});

test("gets the error message", async () => {
  const client = new ApolloClient({ cache: cache(), link: new HttpLink({ uri: POMOST, fetch }) });
  await assert.rejects(client.query({ query: gql`{ cities(first: -1) { nodes { id } } }` }), /1 to 100/);
  client.stop();
});

test("subscribes", async () => {
  const socket = createClient({ url: socketOf(TRANSPORTS), webSocketImpl: WebSocket });
  const client = new ApolloClient({ cache: cache(), link: ApolloLink.from([new GraphQLWsLink(socket)]) });
  const counts = [];
  await new Promise((resolve, reject) =>
    client.subscribe({ query: gql`subscription { count(to: 3) }` }).subscribe({
      next: ({ data }) => counts.push(data.count),
      error: reject,
      complete: resolve,
    }),
  );
  assert.deepEqual(counts, [1, 2, 3]);
  client.stop();
  await socket.dispose();
});
