import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "graphql-sse";
import { allSlugs, eventsOf, HOME, PAGE, POMOST, TRANSPORTS } from "./server.mjs";

const clientOf = (url) => createClient({ url, retryAttempts: 0 });

/** The addresses of events: that for events only, and that of the API. */
const addressesOf = (url) => [eventsOf(url), url];

async function all(client, query, variables) {
  const answers = [];
  for await (const answer of client.iterate({ query, variables })) answers.push(answer);
  return answers;
}

for (const address of addressesOf(POMOST)) test(`reads and pages at ${address}`, async () => {
  const client = clientOf(address);
  const [answer] = await all(client, HOME);
  assert.equal(answer.data.homeCity.slug, "jastrzebie-zdroj");
  await allSlugs(async (variables) => (await all(client, PAGE, variables))[0].data);
});

for (const address of addressesOf(POMOST)) test(`gets the error message at ${address}`, async () => {
  const [answer] = await all(clientOf(address), "{ nothing }");
  assert.equal(answer.errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  assert.ok(!("data" in answer));
});

for (const address of addressesOf(TRANSPORTS)) test(`subscribes, several times at once, and stops in the middle at ${address}`, async () => {
  const client = clientOf(address);
  const counted = async (to) => (await all(client, `subscription { count(to: ${to}) }`)).map(({ data }) => data.count);
  assert.deepEqual(await Promise.all([counted(5), counted(2)]), [[1, 2, 3, 4, 5], [1, 2]]);
  for await (const { data } of client.iterate({ query: "subscription { count(to: 1000000, everyMs: 1) }" })) {
    if (data.count === 3) break;
  }
  const failed = await all(client, "subscription { fail }");
  assert.equal(failed[0].data.fail, 1);
  assert.equal(failed[1].errors.length, 1);
});
