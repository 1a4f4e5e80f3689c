/**
 * What a platform with real passengers has to be told otherwise than one that is tried out. It is one that was given its public address:
 * from then on each item here is looked at on every start, and refuses or warns. In words: docs/operations/going-live.md.
 */
import {
  type AddressForm,
  addressForms,
  type EngineAddress,
  readAddress,
  readAddresses,
} from "@chepiao/adapters/engine-address";
import type { Config } from "./config.ts";
import { hasDemoLogin, type IdentitySource, identitySource, isHere } from "./config.ts";
import { type EngineName, roleTable } from "./roles.ts";

/** What is looked at: the settings, and what only this process can see. */
export type Seen = {
  readonly config: Config;
  readonly isRoot: boolean;
  /** All of the platform's keys are in this process's file, though it is not all of the platform. */
  readonly hasForeignKeys: boolean;
};
export type Finding = { readonly item: string; readonly verdict: "refused" | "warned"; readonly says: string };
type Verdict = Omit<Finding, "item"> | null;

const refuse = (says: string): Verdict => ({ verdict: "refused", says });
const warn = (says: string): Verdict => ({ verdict: "warned", says });

const items: Readonly<Record<string, (seen: Seen) => Verdict>> = {
  "public address"({ config: { publicUrl } }) {
    const url = URL.canParse(publicUrl) ? new URL(publicUrl) : null;
    const isSite = url && /^https?:$/.test(url.protocol) && url.pathname === "/" && !url.search && !url.username;
    return isSite
      ? null
      : refuse(`PUBLIC_URL="${publicUrl}" is not the address of a site, such as https://tickets.example`);
  },
  https({ config: { publicUrl } }) {
    if (!publicUrl.startsWith("http://")) return null;
    const says = "passwords and tickets would cross the network in clear: PUBLIC_URL begins with http://";
    return isPrivate(publicUrl) ? warn(says) : refuse(`${says}, and its name is not one of a network of your own`);
  },
  "practice bank"({ config: { practiceBank, roles } }) {
    if (!["gateway", "payment", "bank"].some((role) => roles.includes(role))) return null;
    return practiceBank
      ? warn("tickets are given for play money (PRACTICE_BANK=1)")
      : refuse("the only bank there is takes play money; PRACTICE_BANK=1 says that this is meant");
  },
  identity({ config }) {
    return config.roles.includes("user") ? ofIdentity[identitySource(config)](config) : null;
  },
  mail({ config: { smtpUrl, roles } }) {
    if (smtpUrl !== null || !["user", "notification"].some((role) => roles.includes(role))) return null;
    return warn("nobody takes mails (SMTP_URL): who is known by a mail address gets no code and no word of an order");
  },
  "demo login"({ config }) {
    return hasDemoLogin(config) ? warn("there is a login that everybody knows (CHEPIAO_DEMO=1)") : null;
  },
  proxy({ config: { publicUrl, trustProxy, roles } }) {
    if (!publicUrl.startsWith("https://") || trustProxy || !roles.includes("gateway")) return null;
    return warn(
      "https ends at a proxy, and without TRUST_PROXY=1 all passengers have its address and share its limits",
    );
  },
  passwords({ config }) {
    const engines = enginesOf(config);
    const known = engines.filter(({ password }) => password !== null && knownPasswords.has(password));
    const says = `${listed(known)} has a password that everybody tries first`;
    if (known.some(({ hosts }) => !hosts.every(isHere))) return refuse(says);
    // Another user of this machine could read its settings, too.
    if (known.length > 0) return warn(says);
    const open = engines.filter(({ password, hasCertificate }) => password === null && !hasCertificate);
    return open.length > 0 ? warn(`${listed(open)} lets in whoever reaches it: no password is set`) : null;
  },
  encryption({ config }) {
    const clear = enginesOf(config).filter(({ isTls, hosts }) => !isTls && hosts.some((host) => !isHere(host)));
    if (clear.length === 0) return null;
    const says = `between here and ${listed(clear)} everything is in clear, other than on this machine`;
    const abroad = clear.filter(({ hosts }) => hosts.some((host) => !isOwnNetwork(host)));
    return abroad.length > 0
      ? refuse(
          `${says}, and ${listed(abroad)} is not in a network of your own: its address can be TLS (docs/operations/tls.md)`,
        )
      : warn(says);
  },
  copies({ config }) {
    if (!usesEngine(config, "kafka") || config.kafkaReplicas >= 3) return null;
    return warn("with KAFKA_REPLICAS below 3 an accepted purchase is lost with one disk");
  },
  keys({ config: { engines, keysFile }, hasForeignKeys }) {
    if (hasForeignKeys) return warn("this process has every key of the platform: give it its part (keys split)");
    return engines === "embedded" && keysFile === null
      ? warn("the keys lie with the data, and so does a copy of the one have the other: KEYS_FILE names another place")
      : null;
  },
  "inner door"({ config: { engines, innerHost, roles } }) {
    const hasDoor = engines === "cluster" && roles.some((role) => role !== "gateway");
    return hasDoor && /^(0\.0\.0\.0|::|\[::\])$/.test(innerHost)
      ? warn("INTERNAL_HOST is every address of this machine: the public may not be one of them")
      : null;
  },
  account({ isRoot }) {
    return isRoot ? warn("it runs as root, and needs nothing that only root may") : null;
  },
  log({ config: { logLevel } }) {
    if (logLevel === "debug") return warn("LOG_LEVEL=debug writes a line for every request");
    return logLevel === "silent" || logLevel === "error"
      ? warn(`LOG_LEVEL=${logLevel} keeps silent about refusals`)
      : null;
  },
};

/** Who says that a name belongs to a document. */
const ofIdentity: Readonly<Record<IdentitySource, (config: Config) => Verdict>> = {
  service({ identityVerifierUrl }) {
    if (!identityVerifierUrl!.startsWith("http://") || isHere(new URL(identityVerifierUrl!).hostname)) return null;
    const says =
      "names and document numbers would cross the network in clear: IDENTITY_VERIFIER_URL begins with http://";
    return isOwnNetwork(new URL(identityVerifierUrl!).hostname)
      ? warn(says)
      : refuse(`${says}, and its name is not one of a network of your own`);
  },
  practice: () => warn("documents are proved by a register to practise with (CHEPIAO_PRACTICE=1), which knows nobody"),
  believeEverybody: () =>
    warn(
      "whoever names a document is taken for its holder, and can keep him from buying (IDENTITY_VERIFIER=believe-everybody)",
    ),
  believeNobody: () =>
    warn(
      "no document is proved, so limits of a person hold within one account alone: IDENTITY_VERIFIER_URL names who knows",
    ),
};

export const goingLiveItems: readonly string[] = Object.keys(items);

/** Nothing where the platform has no public address. */
export function holdAgainstList(seen: Seen): readonly Finding[] {
  if (seen.config.publicUrl === "") return [];
  return Object.entries(items).flatMap(([item, check]) => {
    const verdict = check(seen);
    return verdict ? [{ item, ...verdict }] : [];
  });
}

// Engines

const usesEngine = ({ engines, roles }: Config, engine: EngineName): boolean =>
  engines === "cluster" &&
  roles.some((role) => [...roleTable.spec(role).needs, ...(roleTable.spec(role).wants ?? [])].includes(engine));

/** An engine that is used, by the setting that says where. */
type Engine = {
  readonly env: string;
  readonly hosts: readonly string[];
  readonly isTls: boolean;
  /** Null where none is said, and nothing else shows who we are. */
  readonly password: string | null;
  readonly hasCertificate: boolean;
};

function enginesOf(config: Config): readonly Engine[] {
  const { mysqlUrl, mysqlBinlogs, rabbitmqUrl, elasticsearchUrl, redisNodes, kafkaBrokers } = config;
  const said: readonly (readonly [env: string, EngineName, AddressForm, readonly string[]])[] = [
    ["MYSQL_URL", "mysql", addressForms.mysql, mysqlUrl === null ? [] : [mysqlUrl]],
    ["MYSQL_BINLOGS", "mysql", addressForms.mysql, mysqlBinlogs],
    ["RABBITMQ_URL", "rabbitmq", addressForms.rabbitmq, rabbitmqUrl === null ? [] : [rabbitmqUrl]],
    ["ELASTICSEARCH_URL", "elasticsearch", addressForms.search, elasticsearchUrl === null ? [] : [elasticsearchUrl]],
  ];
  const byUrl = said
    .filter(([, engine]) => usesEngine(config, engine))
    .flatMap(([env, , form, urls]) => urls.map((url) => engineAt(env, readAddress(url, form), config)));
  const redis = usesEngine(config, "redis") ? [clusterAt("REDIS_NODES", redisNodes, addressForms.redis, config)] : [];
  const kafka = usesEngine(config, "kafka")
    ? [clusterAt("KAFKA_BROKERS", kafkaBrokers, addressForms.kafka, config)]
    : [];
  const own = { isTls: config.redisTls, password: config.redisPassword };
  return [
    ...byUrl,
    ...redis.map((each) => ({
      ...each,
      isTls: each.isTls || own.isTls,
      password: own.password ?? each.password,
      hasCertificate: each.hasCertificate || (own.isTls && config.engineCert !== null),
    })),
    ...kafka,
  ];
}

const engineAt = (env: string, address: EngineAddress, config: Config): Engine => ({
  env,
  hosts: [address.host],
  ...shownBy(address, config),
});

function clusterAt(env: string, nodes: readonly string[], form: AddressForm, config: Config): Engine {
  const addresses = readAddresses(nodes, form);
  return { env, hosts: addresses.servers.map(({ host }) => host), ...shownBy(addresses, config) };
}

const shownBy = ({ tls, password }: Pick<EngineAddress, "tls" | "password">, { engineCert }: Config) => ({
  isTls: tls !== null,
  password: password === "" ? null : password,
  hasCertificate: tls !== null && (tls.cert !== undefined || engineCert !== null),
});

/** Of those who install an engine and go on; and the one of this repository's examples. */
const knownPasswords: ReadonlySet<string> = new Set(
  "chepiao password secret changeme admin root guest mysql redis elastic test 123456 12345678".split(" "),
);

const listed = (some: readonly { readonly env: string }[]) => [...new Set(some.map(({ env }) => env))].join(", ");

// Addresses

const isPrivate = (url: string): boolean => isOwnHost(URL.canParse(url) ? new URL(url).hostname : "");

/** Of this machine, of a network that is not routed (RFC 1918, 4193), or by a name that no public zone has (RFC 6762, 6761, ICANN). */
const isOwnHost = (host: string): boolean =>
  isHere(host) ||
  /^(10|192\.168|172\.(1[6-9]|2\d|3[01]))(\.\d+)+$/.test(host) ||
  /^\[?f[cd][\da-f]{0,2}:/i.test(host) ||
  /(^|\.)(local|internal|test|home\.arpa)$/.test(host);

/** Engines are also called by a name without a dot, as containers of one network call each other. */
const isOwnNetwork = (host: string): boolean => isOwnHost(host) || /^[\w-]+$/.test(host);
