// Sends requests to a server over each of its transports, and returns the text of the first answer.
import { createClient as createEvents } from "graphql-sse";
import { createClient as createSocket } from "graphql-ws";
import WebSocket from "ws";
import { eventsOf, socketOf } from "../server.mjs";

/** The text of the answer to a POST. */
export async function posted(url, body, headers = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return response.text();
}

async function got(url, { query, variables, operationName }, headers) {
  const parameters = new URLSearchParams({ query });
  if (variables != null) parameters.set("variables", JSON.stringify(variables));
  if (operationName != null) parameters.set("operationName", operationName);
  const response = await fetch(`${url}?${parameters}`, { headers: { accept: "application/json", ...headers } });
  return response.text();
}

/** The first answer of a client; a refusal over a socket is thrown as its errors. */
async function first(client, operation) {
  try {
    for await (const answer of client.iterate(operation)) return JSON.stringify(answer);
  } catch (errors) {
    if (Array.isArray(errors)) return JSON.stringify({ errors });
    throw errors;
  }
  return "no answer";
}

/** Calls `work` with the transports of a server by name: each takes { query, variables, operationName }. */
export async function withTransports(url, headers, work) {
  const socket = createSocket({ url: socketOf(url), webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: headers });
  const events = createEvents({ url: eventsOf(url), headers, retryAttempts: 0 });
  try {
    return await work({
      POST: (operation) => posted(url, operation, headers),
      GET: (operation) => got(url, operation, headers),
      WebSocket: (operation) => first(socket, operation),
      "server-sent events": (operation) => first(events, operation),
    });
  } finally {
    events.dispose();
    await socket.dispose();
  }
}
