// The addresses of the servers, and queries that several clients share.
import assert from "node:assert/strict";

export const POMOST = need("POMOST_URL");
export const TRANSPORTS = need("TRANSPORTS_URL");

export const socketOf = (url) => url.replace("http", "ws") + "/ws";
export const eventsOf = (url) => url + "/stream";

export const HOME = "{ homeCity { slug name { value } } }";
export const PAGE = `query Page($first: Int!, $after: String) {
  cities(first: $first, after: $after) { nodes { id slug } pageInfo { hasNextPage endCursor } }
}`;

/** All slugs, page by page: `ask` sends variables and returns `data`. */
export async function allSlugs(ask) {
  const slugs = [];
  for (let after = null; ; ) {
    const { cities } = await ask({ first: 3, after });
    slugs.push(...cities.nodes.map((city) => city.slug));
    if (!cities.pageInfo.hasNextPage) break;
    after = cities.pageInfo.endCursor;
  }
  assert.ok(slugs.length > 3, "the sample has more than one page of cities");
  assert.equal(new Set(slugs).size, slugs.length, "no city occurs twice");
  assert.ok(slugs.includes("jastrzebie-zdroj"));
  return slugs;
}

function need(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run scripts/clients.sh`);
  return value;
}
