/** `chepiao projections`: which read models there are, and making one anew while the platform runs. */
import { createLogger } from "@chepiao/runtime";
import { createSqliteOrderReader, openSqliteOrderSearch, openSqliteToRead } from "@chepiao/adapters/sqlite";
import { createSystemClock } from "@chepiao/adapters/system";
import { type Config, engineIdentity, readConfig } from "../config.ts";
import { assertSaidForCommand } from "../requirements.ts";
import { asProjection, type ProjectionName, projectionNames, projectionOf, projections } from "../rooms/readModels.ts";
import { type Command, readArgs, UsageError } from "./command.ts";
import { readFolder } from "./folder.ts";

const list = projectionNames.map((name) => `  ${name.padEnd(14)} ${projections[name]}`).join("\n");

const help = `npm run chepiao -- projections list
npm run chepiao -- projections rebuild NAME

What is kept beside the orders so that they are found; a platform on a data folder has the search alone. Each can be made
anew from the orders while the platform runs, whatever has become of it; nothing that is sold in the meantime is missing
afterwards. A search meanwhile finds what was there: the search answers from the old index until the new one is full,
the tables are repaired row by row.

${list}`;

export const projectionsCommand: Command = {
  about: "make a read model of orders anew, while the platform runs",
  help,
  async run(args) {
    const { positionals } = readArgs(args, {}, help);
    const [what, name] = positionals;
    if (what === "list" && positionals.length === 1) {
      console.log(list);
      return 0;
    }
    if (what !== "rebuild" || !isProjection(name) || positionals.length !== 2) throw new UsageError(help);
    return rebuild(name);
  },
};

const isProjection = (name: string | undefined): name is ProjectionName => Object.hasOwn(projections, name ?? "");

async function rebuild(name: ProjectionName): Promise<number> {
  const config = readConfig(process.env);
  if (config.engines === "embedded") return rebuildInFolder(config, name);
  // The bank is a role that needs nothing but the database and the keys.
  assertSaidForCommand({ ...config, roles: ["bank"] });
  // Loaded only where they are used: other commands should be quick.
  const { migrateMysql, openMysql } = await import("@chepiao/adapters/mysql");
  const { openElasticSearch, openReadModels } = await import("../wiring/cluster.ts");
  await using cleanUp = new AsyncDisposableStack();
  const clock = createSystemClock();
  const logger = createLogger({ level: "warn", write: (line) => console.error(line) });
  const database = cleanUp.use(openMysql(config.mysqlUrl!, { identity: engineIdentity(config) }));
  await migrateMysql(database);
  const opening = { config, clock, logger, cleanUp };
  const models = openReadModels(database, opening);
  const projection = projectionOf(name, { ...models, search: await openElasticSearch(opening) });
  if (!projection) throw new UsageError(`ELASTICSEARCH_URL is not set: it says where ${name} lies.`);
  return made(name, await projection.rebuild(models.orders.all()));
}

async function rebuildInFolder(config: Config, name: ProjectionName): Promise<number> {
  if (name !== "order-search")
    throw new UsageError(`A platform on a data folder keeps no ${name}: it asks the orders themselves.`);
  const folder = readFolder(config);
  await using database = openSqliteToRead(folder.database);
  using search = openSqliteOrderSearch(folder.orderSearch);
  return made(name, await asProjection(search).rebuild(createSqliteOrderReader(database).all()));
}

function made(name: ProjectionName, count: number): number {
  console.log(`${name} was made anew from ${count} orders.`);
  return 0;
}
