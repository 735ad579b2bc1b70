// The pairs of documents of the test. As a program: prints a manifest of the split ones, for `pomost serve --documents`.
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Random } from "./random.mjs";
import { pair } from "./split.mjs";

export const SEED = Number(process.env.GRAPHQL_JS_SEED ?? 15);

/** The random numbers of the item at a place, so that each item can be reproduced alone. */
export const randomAt = (at) => new Random(SEED + Math.imul(at, 0x9e3779b1));

export const PAIRS = Array.from({ length: 330 }, (_, at) => pair(randomAt(at)));

export const idOf = (text) => createHash("sha256").update(text).digest("hex");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(JSON.stringify(Object.fromEntries(PAIRS.map(({ split }) => [idOf(split), split]))));
}
