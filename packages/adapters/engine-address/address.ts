/**
 * Where an engine is and how it is spoken to, as an address says it: the scheme says whether over TLS, and what stands behind the `?` is
 * known or refused. A driver that passes over what it does not know would speak in clear to an operator who asked for TLS.
 */

/** For people: what the address would have to be, to be put after "it takes". */
export class BadAddress extends Error {
  override readonly name = "BadAddress";
}

type Parameter = {
  readonly form: RegExp;
  readonly takes: string;
  /** Says nothing without a user and a password. */
  readonly isOfAccount?: true;
};

export type AddressForm = {
  readonly plain: string;
  readonly tls: string;
  readonly ports: { readonly plain: number; readonly tls: number };
  /** What is plain at first becomes TLS before anything is said in it, so that files of TLS belong to either scheme. */
  readonly startsTls?: true;
  /** Besides the files of TLS. */
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly example: string;
};

export const addressForms = {
  mysql: {
    plain: "mysql",
    tls: "mysqls",
    ports: { plain: 3306, tls: 3306 },
    parameters: {},
    example: "mysql://user:password@host:port/database",
  },
  redis: {
    plain: "redis",
    tls: "rediss",
    ports: { plain: 6379, tls: 6379 },
    parameters: {},
    example: "host:port or rediss://user:password@host:port",
  },
  kafka: {
    plain: "kafka",
    tls: "kafkas",
    ports: { plain: 9092, tls: 9093 },
    parameters: {
      sasl: {
        form: /^(PLAIN|SCRAM-SHA-256|SCRAM-SHA-512)$/,
        takes: "one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512",
        isOfAccount: true,
      },
    },
    example: "host:port or kafkas://user:password@host:port?sasl=SCRAM-SHA-512",
  },
  rabbitmq: {
    plain: "amqp",
    tls: "amqps",
    ports: { plain: 5672, tls: 5671 },
    parameters: { heartbeat: { form: /^\d{1,5}$/, takes: "seconds" } },
    example: "amqp://user:password@host:port",
  },
  search: {
    plain: "http",
    tls: "https",
    ports: { plain: 9200, tls: 9200 },
    parameters: {},
    example: "http://user:password@host:port",
  },
  identity: {
    plain: "http",
    tls: "https",
    ports: { plain: 80, tls: 443 },
    parameters: {},
    example: "https://verifier.example/verify",
  },
  smtp: {
    plain: "smtp",
    tls: "smtps",
    ports: { plain: 587, tls: 465 },
    startsTls: true,
    parameters: {},
    example: "smtp://user:password@mail.example:587",
  },
} as const satisfies Record<string, AddressForm>;

/** Files of this connection alone: who is trusted there, and who we are. */
export type TlsFiles = { readonly ca?: string; readonly cert?: string; readonly key?: string };
const fileParameters = ["ca", "cert", "key"] as const;

type Spoken = {
  readonly username: string;
  readonly password: string;
  /** Null: in clear. */
  readonly tls: TlsFiles | null;
  readonly parameters: Readonly<Record<string, string>>;
};

export type EngineAddress = Spoken & {
  readonly host: string;
  readonly port: number;
  /** Without the slash. */
  readonly path: string;
};

/** Some servers of one engine, spoken to in one way. */
export type EngineAddresses = Spoken & {
  readonly servers: readonly { readonly host: string; readonly port: number }[];
};

export function readAddress(text: string, form: AddressForm): EngineAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  const scheme = url?.protocol.slice(0, -1);
  if (!url || (scheme !== form.plain && scheme !== form.tls) || url.hostname === "" || url.hash !== "")
    throw new BadAddress(`an address such as ${form.example}${scheme === form.tls ? "" : `; ${form.tls}:// is TLS`}`);
  const isTls = scheme === form.tls || form.startsTls === true;
  const { ca, cert, key, ...parameters } = parametersOf(url, form, isTls);
  if ((cert === undefined) !== (key === undefined)) throw new BadAddress("cert and key together, or neither");
  const files = { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert, key: key! }) };
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(url.port) || (url.port === "" ? form.ports[scheme === form.tls ? "tls" : "plain"] : 0),
    path: decodeURIComponent(url.pathname.replace(/^\//, "")),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    tls: isTls ? files : null,
    parameters,
  };
}

function parametersOf(url: URL, form: AddressForm, isTls: boolean): Readonly<Record<string, string>> {
  const files = isTls ? fileParameters : [];
  const known: readonly string[] = [...Object.keys(form.parameters), ...files];
  const found: Record<string, string> = {};
  for (const [name, value] of url.searchParams) {
    const choice = known.length === 0 ? "none is known" : `known are ${known.join(", ")}`;
    const instead = isTls ? "" : `; ${form.tls}:// is TLS, with ${fileParameters.join(", ")}`;
    if (!known.includes(name)) throw new BadAddress(`no parameter "${name}": ${choice}${instead}`);
    const parameter = form.parameters[name];
    if (parameter?.form.test(value) === false) throw new BadAddress(`${parameter.takes} for ${name}`);
    if (parameter?.isOfAccount && url.password === "") throw new BadAddress(`a user and a password with ${name}`);
    if (found[name] !== undefined) throw new BadAddress(`the parameter "${name}" once`);
    found[name] = value;
  }
  return found;
}

/**
 * Of a list, each as `host:port` or as an address. Account and parameters may stand at one of them and hold for all; what two say
 * otherwise is refused, and so is a list that is TLS in part.
 */
export function readAddresses(texts: readonly string[], form: AddressForm): EngineAddresses {
  const hasScheme = texts.some((text) => text.includes("://"));
  const all = texts.map((text) => {
    if (text.includes("://")) return readAddress(text, form);
    if (hasScheme || !/^([^\s:/?@]+|\[[\da-f:]+\]):\d{1,5}$/i.test(text))
      throw new BadAddress(`${form.example}, all of a list with or all without ://`);
    return readAddress(`${form.plain}://${text}`, form);
  });
  if (all.some(({ path }) => path !== "")) throw new BadAddress(`${form.example}, without a path`);
  if (all.some(({ tls }) => (tls === null) !== (all[0]!.tls === null)))
    throw new BadAddress(`${form.plain}:// or ${form.tls}:// for all of a list`);
  return {
    servers: all.map(({ host, port }) => ({ host, port })),
    username: theOne(
      "user",
      all.map(({ username }) => username),
    ),
    password: theOne(
      "password",
      all.map(({ password }) => password),
    ),
    tls: all[0]?.tls ? agreed(all.map(({ tls }) => tls!)) : null,
    parameters: agreed(all.map(({ parameters }) => parameters)),
  };
}

function theOne(what: string, said: readonly string[]): string {
  const different = new Set(said.filter((each) => each !== ""));
  if (different.size > 1) throw new BadAddress(`one ${what} for all of a list`);
  return [...different][0] ?? "";
}

function agreed<T extends Readonly<Record<string, string>>>(of: readonly T[]): T {
  const names = new Set(of.flatMap((each) => Object.keys(each)));
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      theOne(
        name,
        of.map((each) => each[name] ?? ""),
      ),
    ]),
  ) as T;
}
