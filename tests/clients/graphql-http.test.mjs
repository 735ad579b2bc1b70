// The audit suite of GraphQL over HTTP: every MUST, SHOULD and MAY.
import assert from "node:assert/strict";
import { test } from "node:test";
import { serverAudits } from "graphql-http";
import { POMOST } from "./server.mjs";

for (const audit of serverAudits({ url: POMOST, fetchFn: fetch })) {
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    assert.equal(result.status, "ok", result.reason);
  });
}
