/**
 * The plan of the house: who may import whom, which packages each folder may use, and what is handed in instead of
 * taken. tools/tidy.ts enforces it; to allow something new, add a line here with its reason.
 */

type Reasons = Readonly<Record<string, string>>;

export type Unit = {
  /** The folder, from the root. */
  readonly at: string;
  /** Which other units it may import; "any" is for those who put the platform together. */
  readonly imports: readonly string[] | "any";
  /** Where its door is: the folder's own index.ts, one index.ts in each subfolder, or none for others to use. */
  readonly door: "folder" | "subfolders" | "none";
  /** Third-party packages and why; "any" leaves it to package.json and knip. */
  readonly packages: Reasons | "any";
  /** `node:…`, `bun` and `bun:…` modules and why; "any" where the outside world is its business. */
  readonly builtins: Reasons | "any";
  /** In a pure unit time, chance, timers and sockets are handed in. */
  readonly pure: boolean;
  /** Which subfolders may be imported by which siblings; "any" where all may. Only for door "subfolders". */
  readonly shared?: Readonly<Record<string, readonly string[]>> | "any";
  /** What one subfolder may use besides. For adapters: its driver. */
  readonly perSubfolder?: Readonly<Record<string, Reasons>>;
};

const inner = { builtins: {}, pure: true } as const;
const outer = { builtins: "any", pure: false } as const;

const sitePackages = {
  react: "the pages",
  "react-dom": "the pages",
  "@tanstack/react-query": "what the server said, kept for a while",
  "@tanstack/react-router": "typed addresses",
} as const;

export const house: Readonly<Record<string, Unit>> = {
  kernel: { at: "packages/kernel", imports: [], door: "folder", packages: {}, ...inner },
  contracts: {
    at: "packages/contracts",
    imports: ["kernel"],
    door: "folder",
    packages: { typebox: "schemas that are validator, OpenAPI document and type at once" },
    ...inner,
  },
  engine: { at: "packages/engine", imports: ["kernel"], door: "folder", packages: {}, ...inner },
  ports: {
    at: "packages/ports",
    imports: ["kernel", "contracts"],
    door: "subfolders",
    shared: "any",
    packages: { "pinyin-pro": "names that sound alike are found by every order search" },
    builtins: { "node:crypto": "hashes" },
    pure: false,
  },
  room: { at: "packages/room", imports: ["kernel", "contracts", "ports"], door: "folder", packages: {}, ...inner },
  services: {
    at: "packages/services",
    imports: ["kernel", "contracts", "ports", "room"],
    door: "subfolders",
    packages: {
      qr: "the code on a ticket",
      "pinyin-pro": "stations found by their sound",
      "lru-cache": "caches that know their limit",
      typebox: "a policy file is held against its schema",
      "libphonenumber-js": "phone numbers of every country, with the rules of each",
    },
    builtins: {
      "node:crypto": "hashes and HMAC; chance comes through a port",
      "node:zlib": "pictures of challenges: the same bytes for the same pixels",
    },
    pure: true,
  },
  runtime: {
    at: "packages/runtime",
    imports: ["kernel", "contracts", "ports", "room"],
    door: "folder",
    packages: {
      typebox: "compiled validators at the HTTP rim",
      "prom-client": "metrics",
      "@opentelemetry/api": "traces",
      "@opentelemetry/core": "traces",
      "@opentelemetry/resources": "traces",
      "@opentelemetry/sdk-trace-base": "traces",
      "@opentelemetry/exporter-trace-otlp-http": "traces",
      cockatiel: "breaker, retry, timeout",
      croner: "timetables of jobs",
      "lru-cache": "caches that know their limit",
    },
    ...outer,
  },
  adapters: {
    at: "packages/adapters",
    imports: ["kernel", "contracts", "ports"],
    door: "subfolders",
    shared: {
      sql: ["sqlite", "mysql"],
      "engine-address": ["mysql", "binlog", "redis", "kafka", "rabbitmq", "elasticsearch", "http-identity", "smtp"],
    },
    packages: { "lru-cache": "caches that know their limit" },
    perSubfolder: {
      crypto: { "@zxcvbn-ts/language-common": "the commonest passwords" },
      sql: { kysely: "the queries both databases share" },
      sqlite: { kysely: "queries" },
      mysql: { kysely: "queries", mysql2: "the driver" },
      binlog: { "@powersync/mysql-zongji": "the driver" },
      redis: {
        ioredis: "the driver",
        "cluster-key-slot": "whose key it is, as the driver counts it",
        "rate-limiter-flexible": "limits shared by all nodes",
      },
      kafka: { "@platformatic/kafka": "the driver" },
      rabbitmq: { amqplib: "the driver" },
      elasticsearch: { "@elastic/elasticsearch": "the driver" },
      smtp: { nodemailer: "the driver", "smtp-server": "the other end, in tests" },
      webpush: { "web-push": "the driver" },
      captcha: { "@napi-rs/canvas": "draws the picture" },
      jwt: { jose: "tokens at the edge" },
      gtfs: {
        yauzl: "reads a zip as a stream",
        "pinyin-pro": "stations found by their sound",
        fflate: "zips made in tests",
      },
      "gtfs-realtime": { protobufjs: "reads protocol buffers by a schema of the fields that are used" },
    },
    ...outer,
  },
  ui: {
    at: "packages/ui",
    imports: ["kernel", "contracts"],
    door: "folder",
    packages: sitePackages,
    builtins: {},
    pure: false,
  },
  // Starts the platform that its browsers look at, in either wiring. Before the site itself, in which it lies.
  "browser tests": { at: "apps/web/e2e", imports: "any", door: "none", packages: "any", ...outer },
  web: {
    at: "apps/web",
    imports: ["kernel", "contracts", "ui"],
    door: "none",
    packages: { ...sitePackages, qr: "the code on a ticket" },
    builtins: {},
    pure: false,
  },
  console: {
    at: "apps/console",
    imports: ["kernel", "contracts", "ui"],
    door: "none",
    packages: { ...sitePackages, antd: "tables and forms", echarts: "charts", uplot: "long time series" },
    builtins: {},
    pure: false,
  },
  server: { at: "apps/server", imports: "any", door: "none", packages: "any", ...outer },
  sim: { at: "sim", imports: "any", door: "none", packages: "any", ...outer },
  bench: { at: "bench", imports: "any", door: "none", packages: "any", ...outer },
  // Configuration for other programs, with the tests that hold it to the platform.
  deploy: { at: "deploy", imports: "any", door: "none", packages: "any", ...outer },
  fuzz: { at: "fuzz", imports: "any", door: "none", packages: "any", ...outer },
  tools: { at: "tools", imports: "any", door: "none", packages: "any", ...outer },
};

/** The one pair that the table by unit does not show: a room that counts seats may ask the seat engine. */
export const extraImports: Readonly<Record<string, readonly string[]>> = { "services/inventory": ["engine"] };

/** What tests in every folder may import besides: real time passes in them, too. */
export const testImports: readonly string[] = ["adapters/system"];

/** What tests, suites and twins may use in every folder. */
export const testPackages: Reasons = {
  "bun:test": "the runner",
  "fast-check": "properties",
  "playwright-core": "pages seen by a browser",
  "axe-core": "pages heard by a screen reader",
};

/** Refused in pure units, each with the better way. Members are written `Date.now`, whole names `fetch`. */
export const handedIn: Reasons = {
  "Date.now": "take `now` as an argument, or deps.clock.now()",
  "new Date()": "take `now` as an argument, or deps.clock.now()",
  "Temporal.Now": "take `now` as an argument, or deps.clock.now()",
  "performance.now": "take `now` as an argument; durations are measured in runtime",
  "process.hrtime": "take `now` as an argument; durations are measured in runtime",
  "Math.random": "deps.random, or a Prng with a seed",
  "crypto.randomUUID": "deps.ids, so that a replay gives the same ids",
  "crypto.getRandomValues": "deps.random, so that a replay gives the same numbers",
  "process.env": "configuration is read in apps/server and handed in",
  setTimeout: "ask the timer port for a wake-up, which survives a restart",
  setInterval: "runtime owns what runs again and again",
  setImmediate: "runtime owns scheduling",
  fetch: "ask through a port; an adapter does the talking",
  WebSocket: "ask through a port; an adapter does the talking",
  EventSource: "ask through a port; an adapter does the talking",
  XMLHttpRequest: "ask through a port; an adapter does the talking",
  Bun: "the runtime's own services come through a port",
};

/** Tests that `npm test` does not run, and who does. */
export const testsElsewhere: Readonly<Record<string, string>> = {
  bench: "npm run bench",
};

export const linesMax = 600;
export const testLinesMax = 900;
/** A file shorter than this explains itself. */
export const openingFreeBelowLines = 25;
export const openingWithinLines = 12;

export const invariants = ["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8"] as const;
/** Named in ARCHITECTURE.md, but with nothing to keep or show yet. */
export const invariantsToCome: Reasons = { I5: "the waitlist is not built yet" };
