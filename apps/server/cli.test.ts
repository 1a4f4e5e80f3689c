/** What people meet on the command line when something is not as it should be: a sentence that says what to do. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
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
  for (const command of ["serve", "import", "buy", "verify-ticket", "role", "keys", "orders", "dead-letters", "config"])
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
}, 30_000);

test("config shows every setting and where it comes from", async () => {
  const shown = await run(["config"], { PORT: "9999" });
  expect(shown.code).toBe(0);
  expect(shown.out).toMatch(/PORT=9999\s+environment/);
  expect(shown.out).toMatch(/SALE_WINDOW_DAYS=15\s+default/);
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
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining("the street's door")]);
}, 30_000);

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
  for (let look = 0; look < 200 && text === null; look++) {
    await Bun.sleep(50);
    text = await answers();
  }
  expect(JSON.parse(text!)).toMatchObject({ status: "notReady", waitingFor: ["mysql", "inventory"] });
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
  expect(await printed).not.toContain("secret");
}, 30_000);

test("a setting that cannot be understood is named together with what it takes", async () => {
  for (const [env, value] of [
    ["PORT", "eighty"],
    ["SALE_OPENING_TIME", "8 o'clock"],
    ["REFUND_GRADES", "24h:10,48h:5"],
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
}, 60_000);

test("the scripted passenger walks the whole road, and the ticket's code is checked offline", async () => {
  const server = await startServer({ dataDir: join(folder, "road") }, freePort());
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
}, 60_000);
