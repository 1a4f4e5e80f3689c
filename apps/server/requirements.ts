/** What the roles of a process cannot do without: everything that is not said is named at once, with what it is for. */
import { existsSync } from "node:fs";
import type { Config } from "./config.ts";
import { BadSetting } from "./readers.ts";
import {
  addressSetting,
  type EngineName,
  isForTheStreet,
  type RoleName,
  roles as allRoles,
  roleTable,
} from "./roles.ts";

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

/** Where copies of another role listen, as it was said. */
export function addressesOf(config: Config, role: RoleName): readonly string[] {
  const said: Partial<Record<RoleName, readonly string[]>> = {
    gateway: config.gatewayUrl,
    user: config.userUrl,
    search: config.searchUrl,
    order: config.orderUrl,
    inventory: config.inventoryUrl,
    payment: config.paymentUrl,
    bank: config.bankUrl,
  };
  return said[role] ?? [];
}

/** Roles elsewhere whom those of this process ask, or pass requests on to. */
export function askedElsewhere(roles: readonly RoleName[]): readonly RoleName[] {
  const asked = new Set(roles.flatMap((role) => roleTable[role].asks));
  return allRoles.filter(
    (role) => !roles.includes(role) && (asked.has(role) || (roles.includes("gateway") && isForTheStreet(role))),
  );
}

/** Throws, with everything that is missing, where these roles could not do their work. */
export function assertSaid(config: Config, what = `the roles ${config.roles.join(", ")}`): void {
  const { roles, engines, keysFile, publicUrl, gatewayUrl } = config;
  const isAll = allRoles.every((role) => roles.includes(role));
  if (engines === "embedded" && isAll) return;

  const missing: string[] = [];
  const add = (env: string, why: string) => missing.push(`  ${env.padEnd(16)} ${why}`);
  if (engines === "embedded") add("CHEPIAO_ENGINES", "cluster: embedded engines cannot be shared by processes");
  if (keysFile === null)
    add("KEYS_FILE", "the keys that all roles share; made once with: npm run chepiao -- keys FILE");
  for (const engine of new Set(roles.flatMap((role) => roleTable[role].needs))) {
    const { env, about, isSaid } = engineSettings[engine];
    if (!isSaid(config)) add(env, about);
  }
  for (const role of askedElsewhere(roles))
    if (addressesOf(config, role).length === 0) add(addressSetting(role), `where the role ${role} listens`);
  if (roles.includes("payment") && !roles.includes("gateway") && publicUrl === "" && gatewayUrl.length === 0)
    add("GATEWAY_URL", "where the practice bank sends its notices; or PUBLIC_URL");
  if (missing.length > 0) {
    throw new BadSetting(`What was said is not enough for ${what}. Missing:\n\n${missing.join("\n")}`);
  }
  if (keysFile !== null && !existsSync(keysFile)) {
    throw new BadSetting(
      `KEYS_FILE="${keysFile}" is not there. Every role of a platform has the same keys;\nthey are made once: npm run chepiao -- keys ${keysFile}`,
    );
  }
}
