/** What people meet on the command line when something is not as it should be: a sentence that says what to do. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { showConfig } from "./config.ts";
import { freePort, startServer } from "./testing/world.ts";

const main = resolve(import.meta.dir, "main.ts");
const folder = mkdtempSync(join(tmpdir(), "chepiao-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whatever this shell has set for a platform of its own. */
const settings = new Set(showConfig({}).map(({ env }) => env));
const ground = Object.fromEntries(Object.entries(process.env).filter(([name]) => !settings.has(name)));

async function run(args: readonly string[], environment: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, main, ...args], {
    env: { ...ground, DATA_DIR: join(folder, "unused"), ...environment },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, out, err };
}

test("without a command, the commands are listed; with a wrong one, too", async () => {
  const help = await run([]);
  expect(help.code).toBe(0);
  for (const command of [
    "serve",
    "import",
    "buy",
    "verify-ticket",
    "role",
    "account",
    "keys",
    "orders",
    "dead-letters",
    "config",
  ])
    expect(help.out).toContain(command);
  const wrong = await run(["sell-everything"]);
  expect(wrong.code).toBe(2);
  expect(wrong.err).toContain('no command "sell-everything"');
});

test("every command explains itself, and refuses an option it does not know", async () => {
  for (const command of [
    "serve",
    "import",
    "buy",
    "verify-ticket",
    "role",
    "account",
    "keys",
    "orders",
    "dead-letters",
    "config",
  ]) {
    const help = await run([command, "--help"]);
    expect({ command, code: help.code, says: help.out.length > 100 }).toEqual({ command, code: 0, says: true });
  }
  const wrong = await run(["buy", "--fast"]);
  expect(wrong.code).toBe(2);
  expect(wrong.err).toContain("--fast");
  expect(wrong.err).not.toContain("    at ");
});

test("config shows every setting and where it comes from", async () => {
  const shown = await run(["config"], { PORT: "9999" });
  expect(shown.code).toBe(0);
  expect(shown.out).toMatch(/PORT=9999\s+environment/);
  expect(shown.out).toMatch(/CHEPIAO_POLICY=12306\s+default/);
});

test("config shows no password", async () => {
  const shown = await run(["config"], {
    MYSQL_URL: "mysql://chepiao:s3cr3t@db:3306/chepiao",
    RABBITMQ_URL: "amqp://chepiao:s3c@r3t@mq:5672",
    REDIS_PASSWORD: "s3cr3t",
  });
  expect(shown.out).toContain("MYSQL_URL=mysql://chepiao:***@db:3306/chepiao");
  expect(shown.out).toContain("REDIS_PASSWORD=***");
  expect(shown.out).not.toMatch(/s3c|r3t/);
  const refused = await run(["config"], { MYSQL_URL: "postgres://chepiao:s3cr3t@db" });
  expect(refused.out + refused.err).not.toContain("MYSQL_URL=postgres://chepiao:s3cr3t");
});

test("what an engine's address says and nobody knows is refused, with what is known, and no password is told", async () => {
  const cases = [
    ["MYSQL_URL", "mysql://app:s3cr3t@db/c?ssl=true", 'takes no parameter "ssl": none is known; mysqls:// is TLS'],
    [
      "MYSQL_BINLOGS",
      "mysqls://app:s3cr3t@db/c?sslmode=require",
      'takes no parameter "sslmode": known are ca, cert, key',
    ],
    ["REDIS_NODES", "rediss://app:s3cr3t@a:1,b:2", "all of a list with or all without ://"],
    ["KAFKA_BROKERS", "kafkas://app:s3cr3t@a?sasl=GSSAPI", "takes one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 for sasl"],
    ["RABBITMQ_URL", "amqps://app:s3cr3t@mq?ca=/nowhere/ca.pem", "/nowhere/ca.pem"],
    ["ELASTICSEARCH_URL", "https://app:s3cr3t@search?verify=0", 'takes no parameter "verify"'],
    ["ENGINE_CA", "/etc/ca.pem", "takes PEM with a certificate"],
    ["ENGINE_CERT", "-----BEGIN CERTIFICATE-----", "ENGINE_CERT and ENGINE_KEY go together"],
  ] as const;
  await Promise.all(
    cases.map(async ([setting, value, said]) => {
      const { code, err, out } = await run(["config", "--check"], { [setting]: value });
      expect([code, err]).toEqual([2, expect.stringContaining(said)]);
      expect(out + err).not.toContain("s3cr3t");
    }),
  );
});

test("roles of their own need engines, keys and each other's addresses: all that is missing is named at once", async () => {
  const embedded = await run(["serve", "--roles=order,search"]);
  expect(embedded.code).toBe(2);
  expect(embedded.err).toContain("not enough for the roles search, order");
  for (const env of [
    "CHEPIAO_ENGINES",
    "KEYS_FILE",
    "MYSQL_URL",
    "REDIS_NODES",
    "KAFKA_BROKERS",
    "USER_URL",
    "INVENTORY_URL",
  ])
    expect(embedded.err).toContain(env);
  for (const env of ["PAYMENT_URL", "GATEWAY_URL", "RABBITMQ_URL"]) expect(embedded.err).not.toContain(env);

  const keysFile = join(folder, "cluster-keys.json");
  const cluster = { CHEPIAO_ENGINES: "cluster", MYSQL_URL: "mysql://a:b@127.0.0.1:1/c", KEYS_FILE: keysFile };
  const keyless = await run(["serve", "--roles=bank"], cluster);
  expect([keyless.code, keyless.err]).toEqual([2, expect.stringContaining(`keys ${keysFile}`)]);
  expect((await run(["keys", keysFile])).out).toContain("was made");
  expect((await run(["keys", keysFile])).out).toContain("is there already");

  const unknown = await run(["serve", "--roles=gatway"]);
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining("the public listener")]);
});

test("a role that was given another role's keys does not start, and says what it lacks", async () => {
  const keysFile = join(folder, "parts", "keys.json");
  await run(["keys", keysFile]);
  expect((await run(["keys", "split", keysFile])).out).toContain("keys.user.json");
  const cluster = {
    CHEPIAO_ENGINES: "cluster",
    MYSQL_URL: "mysql://a:b@127.0.0.1:1/c",
    REDIS_NODES: "127.0.0.1:1",
    KEYS_FILE: join(folder, "parts", "keys.gateway.json"),
  };
  const started = await run(["serve", "--roles=user"], cluster);
  expect([started.code, started.err]).toEqual([2, expect.stringContaining("made for gateway, lacks the sealing keys")]);
  expect(started.err).not.toContain("    at ");
  // What commands are given is enough for them: this one gets as far as its engine.
  const commands = { ...cluster, KEYS_FILE: join(folder, "parts", "keys.commands.json") };
  expect((await run(["role", "somebody", "operator"], commands)).err).toContain("MySQL at 127.0.0.1:1/c is away");
});

test("a command whose engine is away says so in a sentence", async () => {
  const keysFile = join(folder, "command-keys.json");
  await run(["keys", keysFile]);
  const nowhere = `mysql://chepiao:secret@127.0.0.1:${freePort()}/chepiao`;
  const cluster = { CHEPIAO_ENGINES: "cluster", KEYS_FILE: keysFile, MYSQL_URL: nowhere, KAFKA_BROKERS: "127.0.0.1:9" };
  const away = await run(["dead-letters", "list"], cluster);
  expect([away.code, away.err]).toEqual([
    1,
    expect.stringMatching(/^MySQL at 127\.0\.0\.1:\d+\/chepiao is away: .*\n$/),
  ]);
});

test("a process whose engine is away lives, says what it waits for, and stops when it is told to", async () => {
  const keysFile = join(folder, "waiting-keys.json");
  await run(["keys", keysFile]);
  const port = freePort();
  const child = Bun.spawn([process.execPath, main, "serve", "--roles=search"], {
    env: {
      ...process.env,
      CHEPIAO_ENGINES: "cluster",
      KEYS_FILE: keysFile,
      MYSQL_URL: `mysql://chepiao:secret@127.0.0.1:${freePort()}/chepiao`,
      INVENTORY_URL: `http://127.0.0.1:${freePort()}`,
      INTERNAL_PORT: String(port),
    },
    stdout: "pipe",
    stderr: "pipe",
  });
  const printed = new Response(child.stdout).text();
  const answers = async () => {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    const text = (await ready?.text()) ?? "";
    return text.includes("refuses connections") && text.includes("ECONNREFUSED") ? text : null;
  };
  let text: string | null = null;
  for (let poll = 0; poll < 200 && text === null; poll++) {
    await Bun.sleep(50);
    text = await answers();
  }
  expect(JSON.parse(text!)).toMatchObject({ status: "notReady", waitingFor: ["mysql", "inventory"] });
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
  expect(await printed).not.toContain("secret");
});

test("with a public address, play money and a known password have to be asked for, and all that is missing is said at once", async () => {
  const dataDir = join(folder, "live");
  const refused = await run(["start"], { DATA_DIR: dataDir, PUBLIC_URL: "http://tickets.example" });
  expect(refused.code).toBe(2);
  for (const says of ["practice bank", "PRACTICE_BANK=1", "https", "going-live.md"])
    expect(refused.err).toContain(says);
  expect(existsSync(dataDir)).toBe(false);
  const live = { PUBLIC_URL: "https://tickets.example", PRACTICE_BANK: "1" };
  const [bad, good] = [
    await run(["config", "--check"], { ...live, PRACTICE_BANK: "0" }),
    await run(["config", "--check"], live),
  ];
  expect([bad.code, good.code]).toEqual([1, 0]);
  expect(bad.out).toMatch(/^refused +practice bank/m);
  expect(good.out).toMatch(/^warned +practice bank/m);
  expect(good.out).toMatch(/^ok +https$/m);
});

test("the login that everybody knows is gone once the platform has a public address, and back when it is tried out again", async () => {
  const dataDir = join(folder, "demo-retired");
  const logIn = async (url: string, username = "demo") => {
    const body = JSON.stringify({ username, password: `chepiao-${username}` });
    const headers = { "content-type": "application/json" };
    return (await fetch(`${url}/api/user/login`, { method: "POST", headers, body })).status;
  };
  const port = freePort();
  const tried = await startServer({ dataDir }, port);
  expect(await logIn(tried.url)).toBe(200);
  expect(await logIn(tried.url, "operator")).toBe(200);
  expect(tried.output()).toContain("this machine alone");
  expect(tried.output()).toMatch(/Console +http:.*\/console\/ +operator \/ chepiao-operator/);
  await tried.stop();
  const live = await startServer({ dataDir }, port, { PUBLIC_URL: "https://tickets.example", PRACTICE_BANK: "1" });
  expect([await logIn(live.url), await logIn(live.url, "operator")]).toEqual([403, 403]);
  expect(live.output()).not.toContain("chepiao-operator");
  expect(live.output()).toContain("is disabled now");
  expect(live.output()).toContain("play money");
  await live.stop();
  const again = await startServer({ dataDir }, port);
  expect(await logIn(again.url)).toBe(200);
  await again.stop();
});

test("a setting may be in a file, and is shown without its password", async () => {
  const file = join(folder, "mysql-url");
  writeFileSync(file, "mysql://app:s3cr3t@db:3306/chepiao\n");
  const shown = await run(["config"], { MYSQL_URL_FILE: file });
  expect(shown.out).toMatch(/MYSQL_URL=mysql:\/\/app:\*\*\*@db:3306\/chepiao\s+file/);
  expect(shown.out).not.toContain("s3cr3t");
  const both = await run(["config"], { MYSQL_URL_FILE: file, MYSQL_URL: "mysql://app:s3cr3t@db/chepiao" });
  expect([both.code, both.err]).toEqual([2, expect.stringContaining("MYSQL_URL_FILE are both set")]);
  const missing = await run(["config"], { MYSQL_URL_FILE: join(folder, "nowhere") });
  expect([missing.code, missing.err]).toEqual([2, expect.stringContaining("cannot be read")]);
});

test("a setting that cannot be understood is named together with what it takes", async () => {
  for (const [env, value] of [
    ["PORT", "eighty"],
    ["CHEPIAO_POLICY", '{"extends":"12306","sale":{"opensAt":"8 o\'clock"}}'],
    ["LOG_LEVEL", "loud"],
  ] as const) {
    const refused = await run(["start"], { [env]: value });
    expect({ env, code: refused.code }).toEqual({ env, code: 2 });
    expect(refused.err).toContain(`${env}="${value}" cannot be used`);
    expect(refused.err).not.toContain("    at ");
  }
});

test("a data folder that is a file, or under one, is refused", async () => {
  const file = join(folder, "a-file");
  writeFileSync(file, "");
  for (const dataDir of [file, join(file, "below")]) {
    const refused = await run(["start"], { DATA_DIR: dataDir });
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("cannot be written");
  }
});

test("a port in use and a data folder in use are said, and the one that runs is not disturbed", async () => {
  const dataDir = join(folder, "running");
  const port = freePort();
  const server = await startServer({ dataDir }, port);
  const samePort = await run(["start"], { PORT: String(port), DATA_DIR: join(folder, "other") });
  expect(samePort).toMatchObject({ code: 2 });
  expect(samePort.err).toContain(`port ${port} is already in use`);
  const sameFolder = await run(["start"], { PORT: String(freePort()), DATA_DIR: dataDir });
  expect(sameFolder).toMatchObject({ code: 2 });
  expect(sameFolder.err).toContain("Another chepiao is running");
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  expect(await server.stop()).toBe(0);

  const again = await startServer({ dataDir }, port);
  expect(await again.stop()).toBe(0);

  unlinkSync(join(dataDir, "keys.json"));
  const keyless = await run(["start"], { PORT: String(port), DATA_DIR: dataDir });
  expect(keyless.code).toBe(2);
  expect(keyless.err).toContain("keys.json is missing");
});

test("metrics are at a port of their own where one is asked for, and are told of then", async () => {
  const [port, metricsPort] = [freePort(), freePort()];
  const dataDir = join(folder, "metrics");
  const taken = await run(["start"], { PORT: String(port), METRICS_PORT: String(port), DATA_DIR: dataDir });
  expect([taken.code, taken.err]).toEqual([2, expect.stringContaining(`port ${port} is already in use`)]);

  const server = await startServer({ dataDir }, port, { METRICS_PORT: String(metricsPort), METRICS_HOST: "127.0.0.1" });
  const inside = `http://127.0.0.1:${metricsPort}`;
  expect(server.output()).toContain(`${inside}/metrics`);
  expect(await (await fetch(`${inside}/metrics`)).text()).toContain("process_resident_memory_bytes");
  expect(await (await fetch(`${inside}/readyz`)).json()).toMatchObject({ status: "ready", waitingFor: [] });
  expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({ status: "ready" });
  expect(await server.stop()).toBe(0);

  const silent = await startServer({ dataDir }, port);
  expect(silent.output()).not.toContain("Metrics");
  expect(await silent.stop()).toBe(0);
});

test("an account is disabled, enabled and given a new password by commands, each with a reason that is kept", async () => {
  const dataDir = join(folder, "accounts");
  const port = freePort();
  const server = await startServer({ dataDir }, port);
  const login = async (password: string) => {
    const body = JSON.stringify({ username: "demo", password });
    const headers = { "content-type": "application/json" };
    return (await fetch(`http://localhost:${port}/api/user/login`, { method: "POST", headers, body })).status;
  };
  expect(await login("chepiao-demo")).toBe(200);
  expect(await server.stop()).toBe(0);

  const account = (...args: string[]) => run(["account", ...args], { DATA_DIR: dataDir });
  for (const args of [
    ["disable", "demo"],
    ["disable", "demo", "--reason", " "],
    ["promote", "demo", "--reason", "x"],
  ])
    expect((await account(...args)).code).toBe(2);
  expect((await account("enable", "demo", "--reason", "x", "--show-code")).code).toBe(2);
  const unknown = await account("disable", "nobody", "--reason", "x");
  expect([unknown.code, unknown.err]).toEqual([1, 'There is no account "nobody".\n']);
  const disabled = await account("disable", "demo", "--reason", "scripted purchases");
  expect([disabled.code, disabled.out]).toEqual([0, "demo is disabled.\n"]);
  const meanwhile = await startServer({ dataDir }, port);
  expect(await login("chepiao-demo")).toBe(403);
  expect(await meanwhile.stop()).toBe(0);

  expect((await account("enable", "DEMO", "--reason", "talked to her")).code).toBe(0);
  const reset = await account("reset", "Demo", "--reason", "lost her phone", "--show-code");
  const code = /sets a new one: (\d{8})/.exec(reset.out)![1]!;
  const sent = await account("reset", "demo", "--reason", "lost her phone");
  expect([sent.code, sent.out]).toEqual([0, expect.stringContaining("a code was sent to 138****0001")]);
  const after = await startServer({ dataDir }, port);
  expect(await login("chepiao-demo")).toBe(401);
  const use = JSON.stringify({ username: "demo", code, password: "a sentence of mine" });
  const headers = { "content-type": "application/json" };
  // The code that was sent has taken its place.
  expect((await fetch(`${after.url}/api/user/password/reset`, { method: "POST", headers, body: use })).status).toBe(
    422,
  );
  expect(await after.stop()).toBe(0);

  // Who did what, and how it came out, is on the audit trail; what the room of people notes of it, among the security events.
  const trail = await run(["audit", "--action", "changeAccount", "--json"], { DATA_DIR: dataDir });
  const acts = JSON.parse(trail.out) as Record<string, string>[];
  expect(acts.map(({ what, reason, before, outcome }) => [what, reason, before, outcome])).toEqual([
    ["reset", "lost her phone", "active", "done"],
    ["reset", "lost her phone", "active", "done"],
    ["enable", "talked to her", "disabled", "done"],
    ["disable", "scripted purchases", "active", "done"],
  ] as never);
  const text = await run(["audit", "--subject", acts[0]!["subject"]!, "--limit", "2"], { DATA_DIR: dataDir });
  expect(text.out).toMatch(/changeAccount +account \d+ +reset; because: lost her phone +done, active/);
  expect(text.out).toContain(`Go on with: --before ${acts[1]!["entryId"]}`);
  expect((await run(["audit", "--action", "nothing"], { DATA_DIR: dataDir })).code).toBe(2);

  const lines = readdirSync(join(dataDir, "security")).flatMap((file) =>
    readFileSync(join(dataDir, "security", file), "utf8")
      .trim()
      .split("\n"),
  );
  const events = lines.map((line) => JSON.parse(line) as Record<string, string>);
  expect(events.map(({ service, action, reason }) => [service, action, reason])).toEqual([
    ["user-service", "login", undefined],
    ["command-line", "changeStatus", "disabled: scripted purchases"],
    ["user-service", "login", "AccountDisabled"],
    ["command-line", "changeStatus", "active: talked to her"],
    ["command-line", "resetPassword", "lost her phone"],
    ["command-line", "resetPassword", "lost her phone"],
    ["user-service", "login", "WrongCredentials"],
    ["user-service", "resetPassword", "ResetCodeWrong"],
  ] as never);
});

test("the scripted passenger walks the whole road, and the ticket's code is checked offline", async () => {
  const server = await startServer({ dataDir: join(folder, "road") }, freePort());
  // Elsewhere than at the usual port it says where the passenger has to ask.
  expect(server.output()).toContain(`npm run chepiao -- buy --url ${server.url}\n`);
  const bought = await run(["buy", "--url", server.url, "--passengers", "3", "--class", "second"]);
  expect(bought.err).toBe("");
  expect(bought.out).toContain("✓ The whole road works.");
  expect(bought.out.match(/verified offline ✓/g)?.length).toBe(3);

  const altered = join(folder, "key.pem");
  const { publicKeyPem } = (await (await fetch(`${server.url}/api/ticket/key`)).json()) as { publicKeyPem: string };
  writeFileSync(altered, publicKeyPem);
  const forged = await run(["verify-ticket", "CP1.W10.AAAA", "--key", altered]);
  expect(forged.code).toBe(1);
  expect(forged.err).toContain("not a valid ticket code");
  expect(await server.stop()).toBe(0);

  const nobody = await run(["buy", "--url", server.url]);
  expect(nobody.code).toBe(1);
  expect(nobody.err).toContain("Nothing answers");
});
