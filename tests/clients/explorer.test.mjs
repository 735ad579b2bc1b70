// The explorer in a real browser: it runs a query, contacts no other host and reports no error.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { POMOST } from "./server.mjs";

const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

test("a query is run with the button", async () => {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: [...args, "--disable-component-update", "--disable-sync"] });
  try {
    const page = await browser.newPage();
    const complaints = [];
    const hosts = new Set();
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol.startsWith("http") || protocol.startsWith("ws")) hosts.add(host);
    });
    await page.goto(POMOST);
    await page.waitForSelector(".graphiql-execute-button");
    assert.match(await page.textContent(".graphiql-query-editor"), /homeCity/);
    await page.click(".graphiql-execute-button");
    await page.waitForFunction(() => document.querySelector(".result-window")?.textContent.includes("Havířov"));
    // The documentation comes from the schema, which was fetched.
    await page.click('button[aria-label="Show Documentation Explorer"]');
    await page.waitForFunction(() => document.querySelector(".graphiql-doc-explorer")?.textContent.includes("Query"));
    assert.deepEqual(complaints, []);
    assert.deepEqual([...hosts], [new URL(POMOST).host]);
  } finally {
    await browser.close();
  }
});
