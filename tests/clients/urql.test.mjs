import assert from "node:assert/strict";
import { test } from "node:test";
import { cacheExchange, Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { allSlugs, PAGE, POMOST, socketOf, TRANSPORTS } from "./server.mjs";

for (const preferGetMethod of [false, "force"]) {
  test(`reads and pages by ${preferGetMethod ? "GET" : "POST"}`, async () => {
    const client = new Client({ url: POMOST, exchanges: [cacheExchange, fetchExchange], preferGetMethod });
    await allSlugs(async (variables) => {
      const { data, error } = await client.query(gql(PAGE), variables).toPromise();
      assert.ifError(error);
      return data;
    });
    const { error } = await client.query(gql`{ nothing }`, {}).toPromise();
    assert.equal(error.graphQLErrors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  });
}

/** The first three counts that a client gets. */
async function counts(client) {
  const counts = [];
  await new Promise((resolve, reject) => {
    const { unsubscribe } = client.subscription(gql`subscription { count(to: 3) }`, {}).subscribe(({ data, error }) => {
      if (error) return reject(error);
      counts.push(data.count);
      if (counts.length === 3) resolve(unsubscribe);
    });
  });
  return counts;
}

test("subscribes over a socket", async () => {
  const socket = createClient({ url: socketOf(TRANSPORTS), webSocketImpl: WebSocket });
  const forwardSubscription = ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
  });
  const client = new Client({ url: TRANSPORTS, exchanges: [subscriptionExchange({ forwardSubscription })] });
  assert.deepEqual(await counts(client), [1, 2, 3]);
  await socket.dispose();
});

test("subscribes with events, at the address of the API", async () => {
  const client = new Client({ url: TRANSPORTS, exchanges: [fetchExchange], fetchSubscriptions: true });
  assert.deepEqual(await counts(client), [1, 2, 3]);
});
