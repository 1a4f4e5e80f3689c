/**
 * The files that deploy/compose.yaml mounts, written from the same settings as the engines of a clone, so that both are
 * told the same. `npm run engines -- deploy` writes them; with CHEPIAO_SHARDING=32x64 for the design's layout.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { environment, wantedPorts } from "./fleet.ts";
import { accountsSql, commonOptions, followSql, ownOptions, pairs } from "./mariadbFiles.ts";
import { databaseYaml55, globalYaml55 } from "./proxyFiles.ts";
import { commonConfiguration } from "./redis.ts";
import { host, root } from "./settings.ts";
import { plainly } from "./tls.ts";

/** Inside the network of the containers every MariaDB server listens on its standard port, under its own name. */
const insidePort = 3_306;
const anywhere = "%";

/** Path from the root of the repository, and content. */
export const deployedFiles = (): Readonly<Record<string, string>> => plainly(plainFiles);

function plainFiles(): Readonly<Record<string, string>> {
  const note = "Written by `npm run engines -- deploy`; change tools/engines instead.";
  const files = {
    "mariadb/common.cnf": `# ${note}\n${commonOptions}`,
    "mariadb/accounts.sql": `-- ${note}\n${accountsSql(anywhere)}`,
    ...Object.fromEntries(pairs.flatMap(filesOfPair)),
    // Only 127.0.0.1 of the host is published, but within a container that looks like a connection from outside.
    "redis/redis.conf": `# ${note}\n${commonConfiguration}protected-mode no\ncluster-announce-ip ${host}\n`,
    "shardingsphere/global.yaml": `# ${note}\n${globalYaml55()}`,
    "shardingsphere/database-chepiao.yaml": `# ${note}\n${databaseYaml55((server) => `${server}:${insidePort}`)}`,
    "engines.env": `# ${note}\n${assignments(environment(wantedPorts()))}`,
  };
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`deploy/${path}`, text]));
}

export function writeDeployedFiles(): void {
  for (const [path, text] of Object.entries(deployedFiles())) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    console.log(path);
  }
}

function filesOfPair({ primary, replica }: (typeof pairs)[number], index: number): [path: string, text: string][] {
  const own = (isReplica: boolean) => {
    const options = Object.entries(ownOptions({ pairNumber: index + 1, isReplica }));
    return ["[mariadbd]", ...options.map(([option, value]) => `${option} = ${value}`), ""].join("\n");
  };
  return [
    [`mariadb/${primary}.cnf`, own(false)],
    [`mariadb/${replica}.cnf`, own(true)],
    [`mariadb/${replica}.sql`, `${followSql(primary, insidePort)};\nSTART SLAVE;\n`],
  ];
}

const assignments = (variables: Readonly<Record<string, string>>) =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
