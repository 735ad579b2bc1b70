// Compares the registry with graphql-js: it must refuse the same requests, answer split selections like merged ones, and
// execute a field that occurs in several places once. GRAPHQL_JS_SEED and GRAPHQL_JS_DOCUMENTS set the seed and the number
// of requests.
import assert from "node:assert/strict";
import { test } from "node:test";
import { POMOST } from "./server.mjs";
import { hasDuplicateMembers } from "./graphql-js/corrections.mjs";
import { damaged } from "./graphql-js/damage.mjs";
import { request, written } from "./graphql-js/documents.mjs";
import { lexical } from "./graphql-js/lexemes.mjs";
import { idOf, PAIRS, randomAt, SEED } from "./graphql-js/pairs.mjs";
import { counted, each, figure, grouped, none } from "./graphql-js/report.mjs";
import { valuesIn, VARIABLES } from "./graphql-js/split.mjs";
import { posted, withTransports } from "./graphql-js/transports.mjs";
import { TWINS } from "./graphql-js/twins.mjs";
import { compare, expected, shown } from "./graphql-js/verdict.mjs";

const DOCUMENTS = Number(process.env.GRAPHQL_JS_DOCUMENTS ?? 2500);
const AUTHORIZATION = { authorization: `Bearer ${process.env.ADMIN_TOKEN}` };

const textOf = (result) => `[${result.origin}]\n${shown(result)}`;
const agreeing = (results) => `${results.filter(({ agrees }) => agrees).length} of ${results.length}`;

test("pairs of a valid and an invalid request", async () => {
  const requests = TWINS.flatMap(({ rule, valid, invalid }) => [
    { origin: rule, request: valid, refused: false },
    { origin: rule, request: invalid, refused: true },
  ]);
  const results = await each(requests, async (twin) => ({ ...twin, ...(await compare(POMOST, twin.request)) }));
  none(
    results.filter(({ refused, wanted }) => wanted.refused !== refused),
    "graphql-js judges pairs differently",
    textOf,
  );
  for (const [rule, members] of Object.entries(grouped(results, ({ origin }) => origin))) {
    const corrected = members.filter(({ wanted }) => wanted.correction).length;
    figure(
      `${agreeing(members)} agree: ${rule}${corrected > 0 ? `; ${corrected} by the specification, which graphql-js misses` : ""}`,
    );
  }
  figure(`agreement on pairs: ${agreeing(results)}`);
  none(
    results.filter(({ agrees }) => !agrees),
    "the registry judges pairs differently",
    textOf,
  );
});

test("1000 documents of random lexemes are read equally", async () => {
  const documents = Array.from({ length: 1000 }, (_, at) => ({
    origin: `text ${at} of seed ${SEED}`,
    request: { query: lexical(randomAt(at)) },
  }));
  const results = await each(documents, async (made) => ({ ...made, ...(await compare(POMOST, made.request)) }));
  figure(`agreement on lexemes: ${agreeing(results)}, ${results.filter(({ wanted }) => !wanted.refused).length} valid`);
  const differ = results.filter(({ agrees }) => !agrees);
  none(differ, "the registry reads documents differently", textOf);
});

test(`${DOCUMENTS} requests are made from the schema and damaged`, async () => {
  // Sequentially: otherwise the server closes the idle connections while many requests are generated.
  const results = await each(Array.from({ length: DOCUMENTS }), async (_, at) => {
    const random = randomAt(at);
    const made = request(random);
    const { request: sent, operators } = damaged(random, { ...made, query: written(random, made.document) });
    const origin = `request ${at} of seed ${SEED}: ${operators.join(", ") || "as it was made"}`;
    return { origin, ...(await compare(POMOST, sent)) };
  });
  const limited = results.filter(({ got }) => got.limit);
  const judged = results.filter(({ got }) => !got.limit);
  const refused = judged.filter(({ wanted }) => wanted.refused);
  const corrected = refused.filter(({ wanted }) => wanted.correction);
  const otherPhase = refused.filter(({ wanted, got }) => got.refused && wanted.phase !== got.phase);
  figure(
    `seed ${SEED}: ${judged.length} requests, ${judged.length - refused.length} valid; refused: ${counted(refused, ({ wanted }) => wanted.phase)}`,
  );
  figure(`excluded because of their cost: ${counted(limited, ({ got }) => got.limit)}`);
  figure(`refused by the specification, which graphql-js misses: ${counted(corrected, ({ wanted }) => wanted.correction)}`);
  figure(`refused by both, in other phases: ${counted(otherPhase, ({ wanted, got }) => `${wanted.phase} and ${got.phase}`)}`);
  figure(`agreement on requests: ${agreeing(judged)}`);
  none(
    judged.filter(({ agrees }) => !agrees),
    "the registry judges requests differently",
    textOf,
  );
  assert.ok(limited.length < DOCUMENTS / 20, "few requests are excluded");
  assert.ok(
    refused.length > judged.length * 0.4 && refused.length < judged.length * 0.6,
    "about half of the requests are valid",
  );
});

test(`${PAIRS.length} documents with split selections are answered like the merged ones`, async () => {
  const invalid = PAIRS.flatMap(({ split, merged }) => [split, merged]).filter(
    (query) => expected({ query, variables: VARIABLES }).refused,
  );
  none(invalid, "documents are not valid", String);
  const answers = await each(PAIRS, async ({ split, merged, abstract, check }) => {
    // With an interface, the merged document repeats common selections for each type; elsewhere the costs must be equal as
    // well.
    const extensions = abstract ? {} : { cost: true };
    const texts = await each([split, merged], (query) => posted(POMOST, { query, variables: VARIABLES, extensions }));
    const { data, errors } = JSON.parse(texts[1]);
    const fault = errors ? "the merged document has errors" : texts[0] !== texts[1] ? "the answers differ" : check(data);
    return { split, merged, texts, abstract, fault, isEmpty: !data || valuesIn(data) === 0 };
  });
  const filled = answers.filter(({ isEmpty }) => !isEmpty);
  figure(
    `${filled.length} answers have values, ${filled.filter(({ abstract }) => abstract).length} of them through interfaces and unions`,
  );
  figure(`equal to the merged ones: ${answers.filter(({ fault }) => !fault).length} of ${answers.length}`);
  none(
    answers.filter(({ fault }) => fault),
    "split documents are answered differently",
    ({ split, merged, texts, fault }) => [fault, split, texts[0].slice(0, 1000), merged, texts[1].slice(0, 1000)].join("\n"),
  );
  assert.ok(filled.length >= 300, "answers have values");
});

test("split selections are answered equally over every transport", () =>
  withTransports(POMOST, {}, async (transports) => {
    const sample = PAIRS.filter((_, at) => at % 6 === 0);
    const byId = ({ query, variables }) => posted(POMOST, { documentId: idOf(query), variables });
    for (const [transport, ask] of Object.entries({ ...transports, "a document with an id": byId })) {
      const answers = await each(sample, async ({ split, merged }) => [
        split,
        await ask({ query: split, variables: VARIABLES }),
        await transports.POST({ query: merged, variables: VARIABLES }),
      ]);
      const differ = answers.filter(([, split, merged]) => split !== merged);
      none(differ, `split documents are answered differently over ${transport}`, (answer) => answer.join("\n"));
      figure(`split documents equal to the merged ones over ${transport}: ${answers.length}`);
    }
  }));

test("requests are refused equally over every transport", () =>
  withTransports(POMOST, {}, async ({ POST, ...transports }) => {
    const isSent = ({ variables }) => typeof variables !== "string" || !hasDuplicateMembers(variables);
    const asSent = ({ variables, ...request }) => ({
      ...request,
      variables: typeof variables === "string" ? JSON.parse(variables) : variables,
    });
    const sample = TWINS.map(({ invalid }) => invalid)
      .filter(isSent)
      .map(asSent)
      .filter((_, at) => at % 5 === 0);
    for (const [transport, ask] of Object.entries(transports)) {
      const answers = await each(sample, async (request) => [request.query, await ask(request), await POST(request)]);
      const differ = answers.filter(([, other, posted]) => other !== posted || !other.startsWith('{"errors":'));
      none(differ, `requests are refused differently over ${transport}`, (answer) => answer.join("\n"));
      figure(`refused over ${transport} as over POST: ${answers.length}`);
    }
  }));

// Each creates as many cities as it has response keys at its root.
const MUTATIONS = {
  "two fragments": [
    1,
    `mutation Create($input: CityInput!) { ...A ...B }
    fragment A on Mutation { createCity(input: $input) { record { slug } } }
    fragment B on Mutation { createCity(input: $input) { record { id } errors { code } } }`,
  ],
  "fragments within fragments": [
    1,
    `mutation Create($input: CityInput!) { ...A ... on Mutation { ...B one: createCity(input: $input) { errors { code } } } }
    fragment A on Mutation { ... { ...B } one: createCity(input: $input) { record { version } } }
    fragment B on Mutation { one: createCity(input: $input) { record { slug } } }`,
  ],
  "a repeated field": [
    1,
    "mutation Create($input: CityInput!) { createCity(input: $input) { record { slug } } createCity(input: $input) { record { slug id } } }",
  ],
  "a repeated field under conditions": [
    1,
    `mutation Create($input: CityInput!, $yes: Boolean = true) {
      createCity(input: $input) @skip(if: $yes) { record { slug } }
      createCity(input: $input) @include(if: $yes) { record { slug } }
      ... @include(if: $yes) { createCity(input: $input) { record { id } } }
    }`,
  ],
  "two response keys": [
    2,
    "mutation Create($input: CityInput!) { createCity(input: $input) { record { slug } } other: createCity(input: $input) { record { id } } }",
  ],
};

test("a mutation in several places is executed once", () =>
  withTransports(POMOST, AUTHORIZATION, async ({ GET: _, ...transports }) => {
    for (const [transport, send] of Object.entries(transports)) {
      for (const [split, [times, query]] of Object.entries(MUTATIONS)) {
        const city = `${split} over ${transport}`;
        const answer = JSON.parse(await send({ query, variables: { input: { country: "PL", names: { en: city } } } }));
        assert.equal(answer.errors, undefined, city);
        assert.ok(
          Object.values(answer.data).every(({ record }) => record !== null),
          JSON.stringify(answer),
        );
        const count = "query Count($city: String!) { cities(filter: { name: { eq: $city } }) { totalCount } }";
        const { data } = JSON.parse(await transports.POST({ query: count, variables: { city } }));
        assert.equal(data.cities.totalCount, times, city);
      }
    }
  }));

test("a subscription whose root field is split delivers events", async () => {
  const merged = 'subscription { changes(after: "Y2hhbmdlOjA") { cursor kind record { id } } }';
  const splits = [
    'subscription { changes(after: "Y2hhbmdlOjA") { cursor } changes(after: "Y2hhbmdlOjA") { kind record { id } } }',
    'subscription { ...F } fragment F on Subscription { changes(after: "Y2hhbmdlOjA") { cursor kind record { id } } }',
    `subscription {
      ... { ...F }
      ... on Subscription { changes(after: "Y2hhbmdlOjA") { kind record { __typename @include(if: false) } } }
      ...G
    }
    fragment F on Subscription { changes(after: "Y2hhbmdlOjA") { ... on Change { cursor } } }
    fragment G on Subscription { changes(after: "Y2hhbmdlOjA") { record { ... on Node { id } } } }`,
  ];
  await withTransports(POMOST, {}, async ({ WebSocket, "server-sent events": events }) => {
    for (const ask of [WebSocket, events]) {
      const wanted = await ask({ query: merged });
      assert.match(wanted, /"record":\{"id":/);
      for (const query of splits) assert.equal(await ask({ query }), wanted, query);
    }
  });
});
