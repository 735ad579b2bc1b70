// The output of relay-compiler for relay/queries.js runs by the ids of its documents, on a server that executes nothing
// else.
import assert from "node:assert/strict";
import { test } from "node:test";
import relay from "relay-runtime";
import home from "./relay/__generated__/queriesHomeQuery.graphql.js";
import page from "./relay/__generated__/queriesCitiesPage.graphql.js";
import refetch from "./relay/__generated__/queriesNameAgain.graphql.js";

const url = process.env.DOCUMENTS_URL;
const { Environment, Network, RecordSource, Store, fetchQuery, createOperationDescriptor } = relay;

async function send(body) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.json();
}

const environment = () =>
  new Environment({
    network: Network.create(({ id }, variables) => send({ documentId: id, variables })),
    store: new Store(new RecordSource()),
  });

const ask = (relayEnvironment, query, variables) => fetchQuery(relayEnvironment, query, variables).toPromise();

test("reads by id, and finds records again by their node", async () => {
  const relayEnvironment = environment();
  const { homeCity } = await ask(relayEnvironment, home, {});
  assert.equal(homeCity.slug, "jastrzebie-zdroj");
  await ask(relayEnvironment, refetch, { id: homeCity.id });
  const operation = createOperationDescriptor(refetch, { id: homeCity.id });
  const { data } = relayEnvironment.lookup(operation.fragment);
  assert.ok(data.node, "the record of the second answer is that of the first");
});

test("pages", async () => {
  const slugs = [];
  for (let after; ; ) {
    const { cities } = (await send({ documentId: page.params.id, variables: { first: 3, after } })).data;
    slugs.push(...cities.edges.map(({ node }) => node.slug));
    if (!cities.pageInfo.hasNextPage) break;
    after = cities.pageInfo.endCursor;
  }
  assert.ok(slugs.length > 3 && new Set(slugs).size === slugs.length);
});

test("nothing else is executed", async () => {
  const { errors } = await send({ query: "{ __typename }" });
  assert.equal(errors[0].extensions.code, "PERSISTED_QUERY_NOT_FOUND");
});
