import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { allSlugs, HOME, PAGE, POMOST, socketOf, TRANSPORTS } from "./server.mjs";

async function connected(url, work) {
  const client = createClient({ url: socketOf(url), webSocketImpl: WebSocket, retryAttempts: 0 });
  try {
    await work(client);
  } finally {
    await client.dispose();
  }
}

async function all(client, query, variables) {
  const answers = [];
  for await (const answer of client.iterate({ query, variables })) answers.push(answer);
  return answers;
}

test("reads and pages", () =>
  connected(POMOST, async (client) => {
    const [answer] = await all(client, HOME);
    assert.equal(answer.data.homeCity.slug, "jastrzebie-zdroj");
    await allSlugs(async (variables) => (await all(client, PAGE, variables))[0].data);
  }));

test("gets the error message", () =>
  connected(POMOST, async (client) => {
    await assert.rejects(all(client, "{ nothing }"), (errors) => {
      assert.equal(errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
      return true;
    });
  }));

test("subscribes, several times at once, and stops in the middle", () =>
  connected(TRANSPORTS, async (client) => {
    const counted = async (to) => (await all(client, `subscription { count(to: ${to}) }`)).map(({ data }) => data.count);
    assert.deepEqual(await Promise.all([counted(5), counted(2)]), [[1, 2, 3, 4, 5], [1, 2]]);
    for await (const { data } of client.iterate({ query: "subscription { count(to: 1000000, everyMs: 1) }" })) {
      if (data.count === 3) break;
    }
    const failed = await all(client, "subscription { fail }");
    assert.equal(failed[0].data.fail, 1);
    assert.equal(failed[1].errors.length, 1);
    assert.deepEqual(await all(client, 'mutation { echo(text: "ż") }'), [{ data: { echo: "ż" } }]);
  }));
