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

test("subscribes", async () => {
  const socket = createClient({ url: socketOf(TRANSPORTS), webSocketImpl: WebSocket });
  const forwardSubscription = ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
  });
  const client = new Client({ url: TRANSPORTS, exchanges: [subscriptionExchange({ forwardSubscription })] });
  const counts = [];
  await new Promise((resolve) => {
    const { unsubscribe } = client.subscription(gql`subscription { count(to: 3) }`, {}).subscribe(({ data }) => {
      counts.push(data.count);
      if (counts.length === 3) resolve(unsubscribe);
    });
  });
  assert.deepEqual(counts, [1, 2, 3]);
  await socket.dispose();
});
