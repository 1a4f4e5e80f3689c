/** What the example for real passengers promises: nothing known, nothing open, and to each role its own keys alone. */
import { expect, test } from "bun:test";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { YAML } from "bun";
import { mailServer, readConfig } from "../../apps/server/config.ts";
import { holdAgainstList } from "../../apps/server/goingLive.ts";
import { roles, roleTable } from "../../apps/server/roles.ts";
import { assertSaid } from "../../apps/server/requirements.ts";
import { root } from "./settings.ts";

type Service = {
  image: string;
  user?: string;
  command?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  mem_limit?: string;
  pids_limit?: number;
  ports?: string[];
  networks?: string[];
  secrets?: string[];
  volumes?: string[];
  environment?: Record<string, string | number>;
};
type Compose = {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, unknown>;
};

const folder = join(root, "deploy/hardened");
const text = readFileSync(join(folder, "compose.yaml"), "utf8");
const { services, networks, secrets, volumes } = YAML.parse(text) as Compose;
const all = Object.entries(services);
const prepare = readFileSync(join(folder, "prepare.sh"), "utf8");

test("every role has a container of its own, with the file of its own keys and no other", () => {
  for (const role of roles) {
    const service = services[role]!;
    expect(service.command).toEqual(["serve", `--roles=${role}`]);
    expect(service.secrets!.filter((secret) => secret.startsWith("keys"))).toEqual([`keys-${role}`]);
    expect(service.environment!["KEYS_FILE"]).toBe(`/run/secrets/keys-${role}`);
    expect(secrets[`keys-${role}`]!.file).toBe(`./secrets/keys.${role}.json`);
  }
  const asRoles = all.filter(([, { command }]) => command?.[0] === "serve").map(([name]) => name);
  expect(asRoles.sort()).toEqual([...roles].sort());
});

test("nobody is root, may become it, or writes anywhere but into its own volumes", () => {
  for (const [name, service] of all) {
    expect([name, service.user]).toEqual([name, expect.stringMatching(/^[1-9]\d+:[1-9]\d+$/)]);
    expect([name, service.read_only, service.cap_drop, service.security_opt]).toEqual([
      name,
      true,
      ["ALL"],
      ["no-new-privileges:true"],
    ]);
    expect([name, typeof service.mem_limit, typeof service.pids_limit]).toEqual([name, "string", "number"]);
  }
});

test("only the gateway is published, on this machine, and engines are reached by roles alone", () => {
  const published = all.filter(([, { ports = [] }]) => ports.length > 0).map(([name]) => name);
  expect(published).toEqual(["gateway"]);
  expect(services["gateway"]!.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
  expect(networks["inside"]!.internal && networks["engines"]!.internal).toBe(true);
  const onPublic = all.filter(([, { networks: on = [] }]) => on.includes("public")).map(([name]) => name);
  expect(onPublic).toEqual(["gateway"]);
  const onMail = all.filter(([, { networks: on = [] }]) => on.includes("mail")).map(([name]) => name);
  expect(onMail).toEqual(["user", "notification"]);
  expect(services["gateway"]!.networks).not.toContain("engines");
  for (const [name, { networks: on }] of all)
    if (!roles.includes(name)) expect([name, on]).toEqual([name, ["engines"]]);
});

test("those who send mails have the server's address from a file, which is empty at first, and nobody else has it", () => {
  for (const [name, { secrets: given = [], environment = {} }] of all) {
    const sends = name === "user" || name === "notification";
    expect([name, given.includes("smtp-url"), environment["SMTP_URL_FILE"]]).toEqual([
      name,
      sends,
      sends ? "/run/secrets/smtp-url" : undefined,
    ]);
    expect([name, "MAIL_FROM" in environment]).toEqual([name, sends]);
  }
  expect(prepare).toMatch(/^may_be_empty="smtp-url"$/m);
  expect(mailServer(readConfig({ SMTP_URL: "", MAIL_FROM: "" }))).toBeNull();
});

test("to secrets of a version before, what may be empty is added, for those who read it; what is there stays as it is", async () => {
  const copy = mkdtempSync(join(tmpdir(), "chepiao-hardened-"));
  try {
    copyFileSync(join(folder, "prepare.sh"), join(copy, "prepare.sh"));
    mkdirSync(join(copy, "secrets"));
    writeFileSync(join(copy, "secrets/mysql-url"), "mysqls://kept");
    // Only root gives files away: whom it would give them to is written down instead.
    writeFileSync(join(copy, "chown"), `#!/bin/sh\necho "$1 $2" >> "${copy}/owners"\n`, { mode: 0o700 });
    const run = () => {
      const { exitCode, stdout, stderr } = Bun.spawnSync(["sh", join(copy, "prepare.sh")], {
        env: { PATH: `${copy}:${process.env["PATH"]}` },
      });
      return { exitCode, said: `${stdout.toString()}${stderr.toString()}` };
    };
    expect(run()).toEqual({ exitCode: 0, said: expect.stringContaining("Added to secrets, and empty: smtp-url.") });
    expect(readdirSync(join(copy, "secrets")).sort()).toEqual(["mysql-url", "smtp-url"]);
    expect(readFileSync(join(copy, "secrets/smtp-url"), "utf8")).toBe("");
    expect(statSync(join(copy, "secrets/smtp-url")).mode & 0o777).toBe(0o400);
    expect(readFileSync(join(copy, "owners"), "utf8")).toBe("10001:10001 secrets/smtp-url.new\n");
    expect(readFileSync(join(copy, "secrets/mysql-url"), "utf8")).toBe("mysqls://kept");
    expect(run()).toEqual({ exitCode: 1, said: expect.stringContaining("left as it is") });
    // Who was interrupted has it half made.
    rmSync(join(copy, "secrets/smtp-url"));
    writeFileSync(join(copy, "secrets/smtp-url.new"), "", { mode: 0o600 });
    expect(run().exitCode).toBe(0);
    expect(readdirSync(join(copy, "secrets")).sort()).toEqual(["mysql-url", "smtp-url"]);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});

test("no password stands in it, and every secret it names is made by prepare.sh and given to somebody", () => {
  for (const [name, { environment = {} }] of all) {
    for (const [key, value] of Object.entries(environment)) {
      const isSecret = /PASSWORD|SECRET|TOKEN|MYSQL_URL|MYSQL_BINLOGS|SMTP_URL/.test(key);
      expect([name, key, !isSecret || String(value).startsWith("/run/secrets/")]).toEqual([name, key, true]);
      expect(String(value)).not.toMatch(/:\/\/[^/\s]*:[^/\s]*@/);
    }
  }
  const given = new Set(all.flatMap(([, service]) => service.secrets ?? []));
  expect([...given].sort()).toEqual(Object.keys(secrets).sort());
  for (const { file } of Object.values(secrets)) {
    const name = file.replace("./secrets/", "");
    expect([name, name.startsWith("keys.") || prepare.includes(name)]).toEqual([name, true]);
  }
  expect(statSync(join(folder, "prepare.sh")).mode & 0o111).not.toBe(0);
});

test("MariaDB and Valkey speak TLS alone, by names that their certificates have, and every role trusts their authority", () => {
  const [mariadb, valkey] = ["mariadb.cnf", "valkey.conf"].map((name) => readFileSync(join(folder, name), "utf8"));
  expect(mariadb).toContain("require-secure-transport = ON");
  expect(valkey).toMatch(/^port 0$/m);
  expect(valkey).toMatch(/^tls-cluster yes$/m);
  for (const line of ["mysqls://chepiao:%s@mariadb:", "mysqls://binlog:%s@mariadb:", "certificate mariadb DNS:mariadb"])
    expect(prepare).toContain(line);
  const named = /^certificate valkey (.*)$/m.exec(prepare)![1]!.split(",");
  const nodes = all.filter(([name]) => /^redis-\d/.test(name));
  expect(named).toEqual(nodes.map(([name]) => `DNS:${name}`));
  for (const [name, { command }] of nodes) expect(command!.slice(2)).toEqual(["--cluster-announce-hostname", name]);
  for (const role of roles) {
    const { environment, secrets: given } = services[role]!;
    expect([role, environment!["ENGINE_CA_FILE"]]).toEqual([role, "/run/secrets/engines-ca"]);
    expect(given).toContain("engines-ca");
    expect(String(environment!["REDIS_NODES"])).toMatch(/^(rediss:\/\/redis-\d:6379,?){3}$/);
  }
});

test("images are named by version, and what is mounted is there", () => {
  for (const [name, { image, volumes: mounts = [] }] of all) {
    if (image !== "chepiao:local") expect([name, image]).toEqual([name, expect.stringMatching(/:\d+\.\d+\.\d+$/)]);
    for (const source of mounts.map((mount) => mount.split(":")[0]!)) {
      if (source.startsWith(".")) expect([source, existsSync(join(folder, source))]).toEqual([source, true]);
      else expect(Object.keys(volumes)).toContain(source);
    }
  }
});

test("each role is told all that it needs, and the list for going live refuses nothing of it", () => {
  for (const role of roles) {
    const { environment } = services[role]!;
    const said = Object.entries(environment!).filter(([key]) => !key.endsWith("_FILE"));
    const config = readConfig({
      ...Object.fromEntries(said.map(([key, value]) => [key, String(value)])),
      CHEPIAO_ROLES: role,
      PUBLIC_URL: "https://tickets.example",
      PRACTICE_BANK: "1",
      // As prepare.sh writes them.
      MYSQL_URL: "mysqls://chepiao:0f0f@mariadb:3306/chepiao",
      ...(role === "cdc" ? { MYSQL_BINLOGS: "mysqls://binlog:0f0f@mariadb:3306/chepiao" } : {}),
      REDIS_PASSWORD: "0f0f",
      // As an operator says them.
      ...("MAIL_FROM" in environment!
        ? { SMTP_URL: "smtp://chepiao:0f0f@mail.example:587", MAIL_FROM: "noreply@tickets.example" }
        : {}),
    });
    // The file is looked for on the machine that runs.
    expect(() => assertSaid({ ...config, keysFile: import.meta.path })).not.toThrow();
    const found = holdAgainstList({ config, isRoot: false, hasForeignKeys: false });
    expect([role, found.filter(({ verdict }) => verdict === "refused")]).toEqual([role, []]);
    // Kafka's image wants its certificates in a form of its own.
    const inClear = found.filter(({ item }) => item === "encryption").map(({ says }) => says);
    for (const says of inClear) expect(says).toMatch(/^between here and KAFKA_BROKERS everything/);
    const needs = roleTable.spec(role).needs;
    if (needs.includes("mysql")) expect(services[role]!.secrets).toContain("mysql-url");
    if (needs.includes("redis")) expect(services[role]!.secrets).toContain("redis-password");
  }
});
