/**
 * The law of the repository, run over every file that is tracked or about to be. Each rule also meets an example that
 * breaks it and one that keeps it: a rule that cannot fail protects nothing.
 */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readRepo } from "./repo.ts";
import { rules, runner } from "./tidy.ts";

const runnerFile = join(import.meta.dir, "run.mjs");
Object.assign(runner, await import(runnerFile));

const repo = await readRepo();

describe("the repository", () => {
  for (const [name, rule] of Object.entries(rules)) {
    test(name, () => {
      const findings = rule(repo).map(({ path, line, message }) => `${path}:${line}  ${message}`);
      expect(findings.join("\n")).toBe("");
    });
  }
});

type Case = { broken: Record<string, string>; says: string; kept?: Record<string, string> };

/** Words that the rules refuse are put together here, so that this file keeps the rules itself. */
const later = ["TO", "DO"].join("");
const workFolder = ["", "work", "main"].join("/");
const registry = ["https:/", "registry.example.org", "x"].join("/");

const cases: Record<string, readonly Case[]> = {
  "a folder imports only what the plan of the house allows, and through the door": [
    {
      broken: { "packages/kernel/a.ts": `import type { X } from "@chepiao/contracts";` },
      says: "kernel imports nothing, not contracts",
      kept: { "packages/contracts/a.ts": `import type { X } from "@chepiao/kernel";` },
    },
    {
      broken: { "packages/services/order/a.ts": `import { x } from "@chepiao/services/payment";` },
      says: "a room is handed a client from contracts",
      kept: {
        "packages/services/order/a.ts": `import { x } from "@chepiao/ports/log"; import { y } from "./decide.ts";`,
      },
    },
    {
      broken: { "packages/services/order/a.ts": `import { x } from "../payment/index.ts";` },
      says: `write "@chepiao/services/payment"`,
    },
    {
      broken: { "packages/services/order/a.ts": `import { x } from "@chepiao/engine";` },
      says: "services imports kernel, contracts, ports, room, not engine",
      kept: { "packages/services/inventory/a.ts": `import { x } from "@chepiao/engine";` },
    },
    {
      broken: { "apps/server/a.ts": `export { x } from "@chepiao/ports/log/log.memory.ts";` },
      says: `write "@chepiao/ports/log"`,
      kept: { "packages/adapters/sqlite/a.test.ts": `import { x } from "@chepiao/ports/log/log.suite.ts";` },
    },
    {
      broken: { "packages/adapters/redis/a.ts": `const x = await import("@chepiao/adapters/kafka");` },
      says: "adapters/redis may not import adapters/kafka",
      kept: {
        "packages/adapters/mysql/a.ts": `import { x } from "@chepiao/adapters/sql"; import m from "mysql2/promise";`,
      },
    },
    {
      broken: { "packages/adapters/redis/a.ts": `import m from "mysql2/promise";` },
      says: `adapters/redis may not use the package "mysql2"`,
    },
    {
      broken: { "packages/engine/a.ts": `let x: import("typebox").TSchema;` },
      says: `engine may not use the package "typebox"`,
      kept: { "packages/engine/a.test.ts": `import fc from "fast-check"; import { test } from "bun:test";` },
    },
    {
      broken: { "packages/services/user/a.ts": `import { connect } from "node:net";` },
      says: `services does not touch "node:net"`,
      kept: { "packages/adapters/smtp/a.ts": `import { connect } from "node:net";` },
    },
    {
      broken: { "packages/services/user/a.ts": `import { randomBytes } from "node:crypto";` },
      says: "randomBytes is chance",
      kept: { "packages/services/user/a.ts": `import { createHmac } from "node:crypto";` },
    },
    {
      broken: { "apps/web/a.ts": `import { x } from "@chepiao/services/order";` },
      says: "web imports kernel, contracts, ui, not services",
      kept: {
        "sim/a.ts": `import { x } from "@chepiao/services/order"; import { y } from "../apps/server/wiring.ts";`,
      },
    },
  ],
  "no two files import each other, however long the way round": [
    {
      broken: {
        "sim/a.ts": `import "./b.ts";`,
        "sim/b.ts": `export * from "./c.ts";`,
        "sim/c.ts": `import type { A } from "./a.ts";`,
      },
      says: "sim/a.ts → sim/b.ts → sim/c.ts → sim/a.ts",
      kept: { "sim/a.ts": `import "./b.ts"; import "./c.ts";`, "sim/b.ts": `import "./c.ts";`, "sim/c.ts": "" },
    },
  ],
  "time, chance, timers and sockets are handed in": [
    ...globals([
      ["Date.now()", "Date.now"],
      ["new Date()", "new Date()"],
      ["globalThis.Math.random()", "Math.random"],
      ["performance.now()", "performance.now"],
      ["crypto.randomUUID()", "crypto.randomUUID"],
      ["crypto.getRandomValues(new Uint8Array(1))", "crypto.getRandomValues"],
      ["const later = setTimeout", "setTimeout"],
      ["setInterval(() => 1, 1)", "setInterval"],
      ["await fetch('x')", "fetch"],
      ["load({ fetch: fetch })", "fetch"],
      ["new WebSocket('x')", "WebSocket"],
      ["Bun.connect({})", "Bun"],
    ]),
    {
      broken: { "packages/kernel/a.ts": "setTimeout(() => 1, 1);" },
      says: "setTimeout:",
      kept: {
        "packages/kernel/a.ts": "const at = new Date(0); deps.fetch(Math.max(1, 2)); type T = { fetch: 1 };",
        "packages/engine/a.test.ts": "performance.now();",
        "packages/runtime/a.ts": "setTimeout(() => Date.now(), 1);",
        "packages/services/order/own.ts": "function load(fetch: () => void, { Bun }) { fetch(); Bun(); }",
      },
    },
  ],
  "a file opens with what it is for": [
    {
      broken: { "sim/a.ts": `${"let x;\n".repeat(30)}// too late` },
      says: "say what this file is for",
      kept: { "sim/a.ts": `/** What for. */\n${"let x;\n".repeat(30)}`, "sim/short.ts": "let x;\n" },
    },
  ],
  "a file is short enough to be read in one go": [
    {
      broken: { "sim/a.ts": "\n".repeat(601) },
      says: "601 lines, at most 600",
      kept: { "sim/a.ts": "\n".repeat(600), "sim/a.test.ts": "\n".repeat(900), "data/x.json": "\n".repeat(2000) },
    },
    { broken: { "sim/a.test.ts": "\n".repeat(901) }, says: "901 lines, at most 900" },
  ],
  "what is left to do is not left in the code": [
    { broken: { "sim/a.ts": `// ${later}: later` }, says: later, kept: { "sim/a.ts": "// A todo list is data here." } },
  ],
  "a test that is skipped or runs alone says because of what": [
    unreasoned("test.skip('x', f)"),
    unreasoned("describe.only('x', f)"),
    unreasoned("it.todo('x')"),
    unreasoned("test.skipIf(true)('x', f)"),
  ],
  "every test is run by some command": [
    {
      broken: { "docs/a.test.ts": "" },
      says: "no command runs this test",
      kept: {
        "tools/a.test.ts": "",
        "apps/web/e2e/b.test.ts": "",
        "packages/adapters/mysql/c.engines.test.ts": "",
        "deploy/d.deploy.test.ts": "",
      },
    },
  ],
  "each invariant is named in ARCHITECTURE.md, kept in a source file and shown by a test": [
    { broken: { "ARCHITECTURE.md": "I1 I3 I4 I5 I6 I7 I8" }, says: "I2 is not named here" },
    {
      broken: { "ARCHITECTURE.md": "I1", "packages/engine/a.test.ts": "// I1" },
      says: "I1 is cited in no source file",
    },
    {
      broken: { "ARCHITECTURE.md": "I1", "packages/engine/a.ts": "// I1" },
      says: "I1 is cited in no test",
      kept: {
        "ARCHITECTURE.md": "I1 I2 I3 I4 I5 I6 I7 I8",
        "packages/engine/a.ts": "// I1 I2 I3 I4 I5 I6 I7 I8",
        "sim/a.test.ts": "// I1 I2 I3 I4 I5 I6 I7 I8",
      },
    },
  ],
  "a link in a document leads to a file": [
    {
      broken: { "docs/a.md": "see [b](b.md)" },
      says: `"b.md" leads nowhere`,
      kept: {
        "docs/a.md":
          "[c](../sim/c.ts#L1) [up](..) [out](https://example.org) `[no](x.md)`\n```\n[no](y.md)\n```\n[here](#x)",
        "sim/c.ts": "",
      },
    },
    { broken: { "README.md": `<img src="docs/a.png">` }, says: `"docs/a.png" leads nowhere` },
  ],
  "nothing names a path or a registry of one machine": [
    { broken: { "deploy/a.sh": `cd ${workFolder}` }, says: "one machine only" },
    {
      broken: { "a.json": `"${registry}"` },
      says: "one machine only",
      kept: { "a.md": "https://example.org/work/x ./work/x $HOME/work/ a/root/b" },
    },
  ],
};

describe("a rule that is broken says so", () => {
  test("every rule has an example", () => expect(Object.keys(cases)).toEqual(Object.keys(rules)));

  for (const [name, examples] of Object.entries(cases)) {
    test(name, () => {
      const judge = (files: Record<string, string>) =>
        rules[name]!(new Map(Object.entries(files))).map(({ message }) => message);
      for (const { broken, says, kept } of examples) {
        expect(judge(broken).join("\n")).toContain(says);
        if (kept) expect(judge(kept)).toEqual([]);
      }
    });
  }
});

function globals(pairs: readonly (readonly [code: string, says: string])[]): Case[] {
  return pairs.map(([code, says]) => ({ broken: { "packages/services/order/a.ts": `${code};` }, says: `${says}:` }));
}

function unreasoned(code: string): Case {
  return {
    broken: { "sim/a.test.ts": `\n\n${code}` },
    says: "without its reason",
    kept: { "sim/a.test.ts": `// because Redis has no such thing\n${code}` },
  };
}
