// A program in strict TypeScript: the types of its answers are generated from schema.graphql.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { graphql } from "./generated/index.js";

const agreements = graphql(`
  query Agreements($first: Int!, $since: PartialDateInput!) {
    agreements(first: $first, filter: { signedOn: { gte: $since } }, orderBy: [{ field: SIGNED_ON, direction: DESC }]) {
      nodes {
        slug
        title { value }
        signedOn { value precision }
        parties { name { value } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

async function ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
  const url = process.env["POMOST_URL"];
  if (url === undefined) throw new Error("POMOST_URL is not set: run scripts/clients.sh");
  const { __meta__ } = document as unknown as { __meta__: { hash: string } };
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ documentId: __meta__.hash, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
  if (errors) throw new Error(errors.map(({ message }) => message).join("; "));
  return data;
}

const { agreements: page } = await ask(agreements, { first: 5, since: "1990" });
for (const { slug, signedOn, parties } of page.nodes) {
  const names: string[] = parties.map(({ name }) => name.value);
  console.log(`${signedOn?.value ?? "?"} ${slug}: ${names.join(", ")}`);
}
if (page.nodes.length === 0) throw new Error("there is no agreement");
