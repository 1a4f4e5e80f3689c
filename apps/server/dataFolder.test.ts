/** What is about people is read by the platform's own account and by no other of the machine. */
import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataFolderRefused, openDataFolder } from "./dataFolder.ts";
import { freePort, startServer } from "./testing/world.ts";

const ground = mkdtempSync(join(tmpdir(), "chepiao-folder-"));
afterAll(() => rmSync(ground, { recursive: true, force: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;
function folderOf(name: string, mode: number, ...files: readonly string[]): string {
  const path = join(ground, name);
  mkdirSync(path);
  for (const file of files) writeFileSync(join(path, file), "");
  chmodSync(path, mode);
  return path;
}
/** What opening it said. */
function open(path: string): string[] {
  const said: string[] = [];
  openDataFolder(path, null, (sentence) => said.push(sentence))[Symbol.dispose]();
  return said;
}

test("a new data folder is its owner's alone, whatever the umask", () => {
  const before = process.umask(0);
  try {
    const path = join(ground, "new", "below");
    expect(open(path)).toEqual([]);
    expect(modeOf(path)).toBe(0o700);
  } finally {
    process.umask(before);
  }
});

test("a data folder that an older version left open is closed, and that is said once", () => {
  const path = folderOf("older", 0o755, "chepiao.db", "keys.json");
  expect(open(path)).toEqual([expect.stringContaining("0755")]);
  expect(modeOf(path)).toBe(0o700);
  expect(open(path)).toEqual([]);
});

test("a folder that was made for us and is empty is closed", () => {
  const path = folderOf("empty", 0o777);
  expect(open(path)).toEqual([expect.stringContaining("0777")]);
  expect(modeOf(path)).toBe(0o700);
});

test("a group that was let in stays", () => {
  const path = folderOf("group", 0o750, "chepiao.db", "keys.json");
  expect(open(path)).toEqual([]);
  expect(modeOf(path)).toBe(0o750);
});

test("a folder that others use too is refused, and left as it is", () => {
  const path = folderOf("shared", 0o755, "somebodys-thesis.txt");
  expect(() => open(path)).toThrow(DataFolderRefused);
  expect(() => open(path)).toThrow("DATA_DIR");
  expect(modeOf(path)).toBe(0o755);
  expect(readdirSync(path)).toEqual(["somebodys-thesis.txt"]);
});

test("every file of a running platform is closed to the machine's other accounts", async () => {
  const dataDir = join(ground, "running");
  const server = await startServer({ dataDir }, freePort());
  const tooOpen = readdirSync(dataDir, { recursive: true, encoding: "utf8" })
    .map((file) => ({ file, mode: modeOf(join(dataDir, file)) }))
    .filter(({ mode }) => (mode & 0o077) !== 0);
  expect(tooOpen).toEqual([]);
  expect(readdirSync(dataDir)).toContain("chepiao.db");
  expect(await server.stop()).toBe(0);
});
