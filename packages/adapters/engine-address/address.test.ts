/** An address says how an engine is spoken to, and nothing that it says is passed over. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressForms, BadAddress, readAddress, readAddresses } from "./address.ts";
import { tlsFor, tlsTrouble } from "./tls.ts";

const { mysql, redis, kafka, rabbitmq, search } = addressForms;
const refusalOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof BadAddress) return error.message;
    throw error;
  }
  return "it was taken";
};

describe("an address", () => {
  test("says over TLS by its scheme alone", () => {
    expect(readAddress("mysql://app:pass@db/chepiao", mysql)).toEqual({
      host: "db",
      port: 3306,
      path: "chepiao",
      username: "app",
      password: "pass",
      tls: null,
      parameters: {},
    });
    expect(readAddress("mysqls://app:pass@db/chepiao", mysql).tls).toEqual({});
    expect(readAddress("amqps://broker", rabbitmq)).toMatchObject({ port: 5671, tls: {} });
    expect(readAddress("https://search:9243", search)).toMatchObject({ port: 9243, tls: {} });
  });
  test("may hold what has to be written otherwise, and an address of IPv6", () => {
    expect(readAddress("mysqls://a%40b:p%3A%2F%3F@[fd00::1]:3307/c%20d", mysql)).toMatchObject({
      host: "fd00::1",
      port: 3307,
      username: "a@b",
      password: "p:/?",
      path: "c d",
    });
  });
  test.each([
    ["mysql://db/c?ssl=true", 'no parameter "ssl": none is known; mysqls:// is TLS, with ca, cert, key'],
    ["mysqls://db/c?sslmode=require", 'no parameter "sslmode": known are ca, cert, key'],
    ["mysql://db/c?ca=/ca.pem", 'no parameter "ca": none is known; mysqls:// is TLS, with ca, cert, key'],
    ["mysqls://db/c?ca=/a&ca=/b", 'the parameter "ca" once'],
    ["mysqls://db/c?cert=/a", "cert and key together, or neither"],
    ["mysql://db/c#ssl", "an address such as mysql://user:password@host:port/database; mysqls:// is TLS"],
    ["postgres://db/c", "an address such as mysql://user:password@host:port/database; mysqls:// is TLS"],
    ["db:3306", "an address such as mysql://user:password@host:port/database; mysqls:// is TLS"],
  ])("%s is refused, with what is known", (text, said) => {
    expect(refusalOf(() => readAddress(text, mysql))).toBe(said);
  });
  test("is refused without its password being told", () => {
    for (const text of [
      "mysql://app:s3cr3t@db/c?ssl=1",
      "postgres://app:s3cr3t@db/c",
      "mysqls://app:s3cr3t@db/c?cert=x",
    ])
      expect(refusalOf(() => readAddress(text, mysql))).not.toContain("s3cr3t");
  });
});

describe("a list of servers", () => {
  test("is host:port pairs, in clear", () => {
    expect(readAddresses(["10.0.0.5:6379", "[fd00::1]:6380"], redis)).toEqual({
      servers: [
        { host: "10.0.0.5", port: 6379 },
        { host: "fd00::1", port: 6380 },
      ],
      username: "",
      password: "",
      tls: null,
      parameters: {},
    });
    expect(readAddresses([], redis).servers).toEqual([]);
  });
  test("or addresses, of which one may say for all who we are", () => {
    const { servers, ...spoken } = readAddresses(
      ["kafkas://app:pass@k1:9093?sasl=SCRAM-SHA-512&ca=/ca.pem", "kafkas://k2"],
      kafka,
    );
    expect(servers).toEqual([
      { host: "k1", port: 9093 },
      { host: "k2", port: 9093 },
    ]);
    expect(spoken).toEqual({
      username: "app",
      password: "pass",
      tls: { ca: "/ca.pem" },
      parameters: { sasl: "SCRAM-SHA-512" },
    });
  });
  test.each([
    [["rediss://a:1", "redis://b:1"], "redis:// or rediss:// for all of a list"],
    [["rediss://a:1", "b:1"], "all of a list with or all without ://"],
    [["rediss://x:1@a:1", "rediss://y:1@b:1"], "one user for all of a list"],
    [["rediss://a:1?ca=/a", "rediss://b:1?ca=/b"], "one ca for all of a list"],
    [["rediss://a:1?tls=1"], 'no parameter "tls"'],
    [["rediss://a:1/0"], "without a path"],
    [["a"], "host:port"],
    [["a:x"], "host:port"],
    [[":6379"], "host:port"],
    [["a:1?tls=1"], "host:port"],
  ])("%p is refused", (texts, said) => {
    expect(refusalOf(() => readAddresses(texts, redis))).toContain(said);
  });
});

test("a parameter of another form is refused, and one that says nothing without an account", () => {
  expect(refusalOf(() => readAddresses(["kafka://u:p@a:1?sasl=GSSAPI"], kafka))).toBe(
    "one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 for sasl",
  );
  expect(refusalOf(() => readAddresses(["kafka://a:1?sasl=PLAIN"], kafka))).toBe("a user and a password with sasl");
  expect(refusalOf(() => readAddress("amqp://a?heartbeat=soon", rabbitmq))).toBe("seconds for heartbeat");
});

describe("over TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "chepiao-address-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const ca = "-----BEGIN CERTIFICATE-----\nours\n-----END CERTIFICATE-----\n";

  test("nobody is believed without a certificate that holds, and nothing older than TLS 1.2 is spoken", () => {
    expect(tlsFor(readAddress("mysqls://db/c", mysql))).toEqual({ minVersion: "TLSv1.2", rejectUnauthorized: true });
    expect(tlsFor(readAddress("mysql://db/c", mysql), { ca })).toBe(null);
  });
  test("files of an address come before what holds for all engines", () => {
    const own = file("own.pem", ca.replace("ours", "own"));
    const { ca: trusted, cert } = tlsFor(readAddress(`mysqls://db/c?ca=${own}`, mysql), { ca, cert: "c", key: "k" })!;
    expect([trusted, cert]).toEqual([ca.replace("ours", "own"), "c"]);
  });
  test("a file that is not there, or is no PEM, is named", () => {
    const missing = join(folder, "missing.pem");
    expect(refusalOf(() => tlsFor(readAddress(`mysqls://db/c?ca=${missing}`, mysql)))).toContain(missing);
    const other = file("other.pem", "hello");
    expect(refusalOf(() => tlsFor(readAddress(`mysqls://db/c?ca=${other}`, mysql)))).toContain(`which ${other} is not`);
  });
  test("what goes wrong is said in words, also where a driver has wrapped it, and nothing else is taken for it", () => {
    const bare = Object.assign(new Error("unable to verify the first certificate"), {
      code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    });
    const wrapped = new AggregateError([new Error("no broker", { cause: bare })], "failed");
    for (const error of [bare, wrapped]) expect(tlsTrouble(error)).toContain("not trusted here");
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    expect([tlsTrouble(refused), tlsTrouble(refused, "amqps"), tlsTrouble("text")]).toEqual([null, null, null]);
    const broken = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    expect([tlsTrouble(broken), tlsTrouble(broken, "amqps")]).toEqual([
      null,
      "broke off; if it speaks TLS, its address begins with amqps://",
    ]);
  });
});
