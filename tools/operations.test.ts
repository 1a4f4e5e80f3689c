/** What the README and the operations pages name in passing, outside of blocks that are run: commands, their options and settings. */
import { expect, test } from "bun:test";
import { readRepo } from "./repo.ts";
import { translationOf } from "./translations.ts";

const repo = await readRepo();
const pages = [...repo].filter(([path]) => translationOf(path) !== null);
const main = repo.get("apps/server/main.ts")!;
const commands = [...main.matchAll(/^ {2}"?([a-z-]+)"?: \w+Command,$/gm)].map(([, name]) => name!);

type Named = { readonly page: string; readonly text: string };

function inCode(pattern: RegExp): readonly Named[] {
  return pages.flatMap(([page, text]) =>
    [...text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/`([^`]+)`/g)]
      .map(([, code]) => code!)
      .filter((code) => pattern.test(code))
      .map((code) => ({ page, text: code })),
  );
}

/** The code of a command: `dead-letters` is in deadLetters/ or deadLetters….ts. */
function sourceOf(command: string): string {
  const name = command.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const own = new RegExp(`^apps/server/commands/${name}(Command)?(\\.ts|/)`);
  return [...repo].flatMap(([path, text]) => (own.test(path) && !path.endsWith(".test.ts") ? [text] : [])).join("\n");
}

function wrongIn(text: string): string | null {
  const [, command = "", rest = ""] = /^(?:npm run (?:--silent )?chepiao -- |chepiao )?([a-z-]+)(.*)$/.exec(text) ?? [];
  if (!commands.includes(command)) return `there is no command ${command}`;
  const source = sourceOf(command);
  const missing = [...rest.matchAll(/--[a-z-]+[a-z]/g)]
    .map(([option]) => option)
    .filter((each) => !source.includes(each));
  return missing.length > 0 ? `${command} does not know ${missing.join(" ")}` : null;
}

test("every command of ours that a page names is there, with the options that it is given", () => {
  expect(commands.length).toBeGreaterThan(10);
  // With its name alone a command is a word like any other: `import`, `keys`.
  const named = inCode(new RegExp(`^(npm run (--silent )?chepiao -- |chepiao [a-z]|(${commands.join("|")}) \\S)`));
  expect(named.length).toBeGreaterThan(60);
  // Words that are signed, and begin as a command would.
  const wrong = named
    .filter(({ text }) => !text.startsWith("chepiao identity "))
    .flatMap(({ page, text }) => (wrongIn(text) ? [`${page}: ${text}: ${wrongIn(text)!}`] : []));
  expect(wrong).toEqual([]);
});

test("every `npm run …` that a page names is in package.json", () => {
  const scripts = Object.keys((JSON.parse(repo.get("package.json")!) as { scripts: object }).scripts);
  const wrong = inCode(/^npm run /).filter(
    ({ text }) => !scripts.includes(/^npm run (?:--silent )?([\w:]+)/.exec(text)![1]!),
  );
  expect(wrong).toEqual([]);
});

test("every setting that a page names is read somewhere", () => {
  const code = [...repo].filter(([path]) => /\.(ts|tsx|mjs|sh)$/.test(path) && !path.endsWith(".test.ts"));
  const isRead = (name: string) => code.some(([, text]) => new RegExp(`\\b${name}\\b`).test(text));
  const named = inCode(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+(=\S*)?$/);
  expect(named.length).toBeGreaterThan(60);
  const names = new Set(named.map(({ text }) => text.split("=")[0]!).filter((name) => !elsewhere.includes(name)));
  expect([...names].filter((name) => !isRead(name))).toEqual([]);
});

/** Node's own, and any setting's with `_FILE` behind it. */
const elsewhere = ["NODE_EXTRA_CA_CERTS", "MYSQL_URL_FILE"];

test("a command that is not there, or does not know an option, would be found", () => {
  expect(wrongIn("npm run chepiao -- rename x")).toBe("there is no command rename");
  expect(wrongIn("chepiao orders --stats --fast")).toBe("orders does not know --fast");
  expect(wrongIn("keys rotate keys.json --only=secrets")).toBeNull();
});
