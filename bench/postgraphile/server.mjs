// PostGraphile 5 in the documented setup for production: the Amber preset, grafserv on Node's own HTTP server, two worker
// processes. Configured by PORT and DATABASE_URL.
import cluster from "node:cluster";
import { createServer } from "node:http";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";

const WORKERS = 2;

if (cluster.isPrimary) {
  let ready = 0;
  for (let at = 0; at < WORKERS; at += 1) {
    cluster.fork().on("message", () => {
      ready += 1;
      if (ready === WORKERS) console.log("listening");
    });
  }
} else {
  const instance = postgraphile({
    extends: [PostGraphileAmberPreset],
    pgServices: [
      makePgService({ connectionString: process.env.DATABASE_URL, schemas: ["public"], poolConfig: { max: 4 } }),
    ],
    grafast: { explain: false },
    grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
  });
  const server = createServer();
  server.on("error", (error) => {
    console.error(error);
    process.exit(1);
  });
  await instance.createServ(grafserv).addTo(server);
  server.listen(Number(process.env.PORT), "127.0.0.1", () => process.send("ready"));
}
