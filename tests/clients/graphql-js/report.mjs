// Collects and reports results.
import assert from "node:assert/strict";

/** Prints a line that scripts/clients.sh also shows. */
export const figure = (text) => console.log(`figure: ${text}`);

/** Processes a list, a few items at once, and preserves its order. */
export async function each(list, work) {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < list.length) {
      const at = next++;
      results[at] = await work(list[at], at);
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return results;
}

/** The items of a list by their key. */
export function grouped(list, keyOf) {
  const groups = {};
  for (const item of list) (groups[keyOf(item)] ??= []).push(item);
  return groups;
}

/** The number of items of a list by key: "3 of this, 1 of that". */
export function counted(list, keyOf) {
  const counts = Object.entries(grouped(list, keyOf)).map(([key, items]) => `${items.length} ${key}`);
  return counts.length > 0 ? `${list.length} (${counts.join(", ")})` : "none";
}

/** Fails with the texts of a list, at most ten of them, unless it is empty. */
export function none(list, what, textOf) {
  if (list.length > 0) assert.fail(`${list.length} ${what}\n\n${list.slice(0, 10).map(textOf).join("\n\n")}\n`);
}
