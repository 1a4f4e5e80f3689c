/** Security events in files of a day each. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { epochMs } from "@chepiao/kernel";
import type { SecurityEvent } from "@chepiao/ports/security-events";
import { securityEventsSuite } from "@chepiao/ports/security-events/security-events.suite.ts";
import { createSecurityLog, filesIn, linesOf } from "./securityLog.ts";

const root = mkdtempSync(join(tmpdir(), "chepiao-security-"));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
const freshFolder = () => join(root, String(count++));

const missing = { traceId: null, userId: null, reason: null, nameHash: null, address: null };
const eventOf = (line: string): SecurityEvent => {
  const { timestamp, ...rest } = JSON.parse(line) as Record<string, unknown>;
  return { ...missing, ...rest, timestamp: epochMs(Date.parse(timestamp as string)) } as SecurityEvent;
};

async function eventsIn(folder: string): Promise<readonly SecurityEvent[]> {
  const files = await filesIn(folder);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return texts.flatMap(linesOf).map(eventOf);
}

securityEventsSuite("files", () => {
  const folder = freshFolder();
  return { events: createSecurityLog(folder), all: () => eventsIn(folder) };
});

const login: SecurityEvent = {
  ...missing,
  timestamp: epochMs(Date.parse("2026-11-22T10:30:45.123Z")),
  level: "WARN",
  service: "user-service",
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  userId: 123_456,
  action: "login",
  message: "login refused: WrongCredentials",
  status: "refused",
};

test("a line is in the fields of the design document, and for its owner's eyes alone", async () => {
  const folder = freshFolder();
  await createSecurityLog(folder).append([login]);
  const file = join(folder, "2026-11-22.jsonl");
  expect(await readFile(file, "utf8")).toBe(
    '{"timestamp":"2026-11-22T10:30:45.123Z","level":"WARN","service":"user-service",' +
      '"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","userId":123456,"action":"login",' +
      '"message":"login refused: WrongCredentials","status":"refused"}\n',
  );
  expect([statSync(folder).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
});

test("what another run has written stays, and other files in the folder are nobody's business", async () => {
  const folder = freshFolder();
  await createSecurityLog(folder).append([login]);
  writeFileSync(join(folder, "notes.txt"), "mine");
  const log = createSecurityLog(folder);
  await log.append([login]);
  expect(await eventsIn(folder)).toEqual([login, login]);
  expect(await log.purge(epochMs(Date.parse("2026-11-23T00:00:00Z")), 10)).toBe(2);
  expect(await readFile(join(folder, "notes.txt"), "utf8")).toBe("mine");
});

test("events that cannot be written are told of, and those after them are written", async () => {
  const folder = freshFolder();
  writeFileSync(folder, "a file where the folder should be");
  const log = createSecurityLog(folder);
  expect(await log.append([login]).catch(() => "failed")).toBe("failed");
  rmSync(folder);
  await log.append([login]);
  expect(await eventsIn(folder)).toEqual([login]);
});
