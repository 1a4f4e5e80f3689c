/** What the roles of a process cannot do without: everything that is not said is named at once, with what it is for. */
import { existsSync } from "node:fs";
import type { Config } from "./config.ts";
import { BadSetting } from "@chepiao/room";
import { addressSetting, type EngineName, type RoleName, roles as allRoles, roleTable } from "./roles.ts";

type EngineSetting = { readonly env: string; readonly about: string; readonly isSaid: (config: Config) => boolean };
const engineSettings: Readonly<Record<EngineName, EngineSetting>> = {
  mysql: { env: "MYSQL_URL", about: "the database", isSaid: ({ mysqlUrl }) => mysqlUrl !== null },
  redis: { env: "REDIS_NODES", about: "seats, limits, sessions", isSaid: ({ redisNodes }) => redisNodes.length > 0 },
  kafka: { env: "KAFKA_BROKERS", about: "the log", isSaid: ({ kafkaBrokers }) => kafkaBrokers.length > 0 },
  elasticsearch: {
    env: "ELASTICSEARCH_URL",
    about: "order search",
    isSaid: ({ elasticsearchUrl }) => elasticsearchUrl !== null,
  },
  rabbitmq: { env: "RABBITMQ_URL", about: "hints of time", isSaid: ({ rabbitmqUrl }) => rabbitmqUrl !== null },
};

/** Where replicas of another role listen, as it was said. */
export function addressesOf(config: Config, role: RoleName): readonly string[] {
  return (config.byEnv[addressSetting(role)] ?? []) as readonly string[];
}

/** Throws, with everything that is missing, where these roles could not do their work. */
export const assertSaid = (config: Config): void =>
  assertComplete(config, `the roles ${config.roles.join(", ")}`, roleTable.askedElsewhere(config.roles));

/** The same of a command that works on the engines of these roles, and asks no other role. */
export const assertSaidForCommand = (config: Config): void => assertComplete(config, "this command", []);

function assertComplete(config: Config, what: string, asked: readonly RoleName[]): void {
  const { roles, engines, keysFile, publicUrl, gatewayUrl } = config;
  const isAll = allRoles.every((role) => roles.includes(role));
  if (engines === "embedded" && isAll) return;

  const missing: string[] = [];
  const add = (env: string, why: string) => missing.push(`  ${env.padEnd(16)} ${why}`);
  if (engines === "embedded") add("CHEPIAO_ENGINES", "cluster: embedded engines cannot be shared by processes");
  if (keysFile === null)
    add("KEYS_FILE", "the platform's keys, or these roles' part; made once with: npm run chepiao -- keys FILE");
  for (const engine of new Set(roles.flatMap((role) => roleTable.spec(role).needs))) {
    const { env, about, isSaid } = engineSettings[engine];
    if (!isSaid(config)) add(env, about);
  }
  for (const role of asked)
    if (addressesOf(config, role).length === 0) add(addressSetting(role), `where the role ${role} listens`);
  if (roles.includes("payment") && !roles.includes("gateway") && publicUrl === "" && gatewayUrl.length === 0)
    add("GATEWAY_URL", "where the practice bank sends its notices; or PUBLIC_URL");
  if (missing.length > 0) {
    throw new BadSetting(`What was said is not enough for ${what}. Missing:\n\n${missing.join("\n")}`);
  }
  if (keysFile !== null && !existsSync(keysFile)) {
    throw new BadSetting(
      `KEYS_FILE="${keysFile}" is not there. The keys of a platform are made once, with\nnpm run chepiao -- keys ${keysFile}, and shared out to roles with keys split.`,
    );
  }
}
