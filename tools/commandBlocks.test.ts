/** Every block of commands that an operator reads is run in a fresh clone, or has its reason why not. */
import { expect, test } from "bun:test";
import { blocksOf, commandsOf, findingsIn, scriptOf, type Treatment, treatments } from "./commandBlocks.ts";
import { readRepo } from "./repo.ts";

const repo = await readRepo();
const pages = new Map([...repo].filter(([path]) => /^(README|docs\/operations\/[^/]+)\.md$/.test(path)));

test("every block of commands of the README and the operations pages is run, or says why not", () => {
  expect(pages.size).toBeGreaterThan(15);
  expect(findingsIn(pages, treatments)).toEqual([]);
});

const run = { page: "a.md", begins: "npm start", run: "it starts" };
const judge = (text: string, list: readonly Treatment[] = [run]) => findingsIn(new Map([["a.md", text]]), list);
const good = "# A\n\n```sh\nnpm start   # on 8080\n```\n";

test("a block without an entry, an entry without a block and two of a kind are found", () => {
  expect(judge(good)).toEqual([]);
  expect(judge(`${good}\n\`\`\`sh\nnpm test\n\`\`\`\n`)).toEqual([
    "a.md:7  has 0 entries in tools/commandBlocks.ts: it is run there, or says why not",
  ]);
  expect(judge("# A\n")).toEqual(["a.md: npm start  begins 0 blocks there"]);
  expect(judge(good + good)).toEqual(["a.md: npm start  begins 2 blocks there"]);
});

test("a command in a block that names another language, or none, is found", () => {
  expect(judge(`${good}\`\`\`\nwhat it says\n\`\`\`\n`)[0]).toStartWith('a.md:6  "" is no language of a block');
  for (const text of ["npm run x", "$ ls", "A=1 B=2 node x", "said\nredis-cli PING"]) {
    expect(judge(`${good}\`\`\`text\n${text}\n\`\`\`\n`)).toEqual(['a.md:6  holds a command, and is not "sh"']);
  }
  expect(judge(`${good}\`\`\`text\n100 requests; npm run it\n\`\`\`\n`)).toEqual([]);
});

test("what is left out has to be in the block, and what is the same as another has to be run there", () => {
  expect(judge(good, [{ ...run, leftOut: { "npm test": "why" } }])).toEqual([
    "a.md: npm start  has no command npm test to leave out",
  ]);
  const same: Treatment = { page: "a.md", begins: "npm stop", sameAs: run };
  expect(judge(`${good}\`\`\`sh\nnpm stop\nnpm start\n\`\`\`\n`, [run, same])).toEqual([
    "a.md: npm stop  npm stop is not run there",
  ]);
});

test("what is run is what the page says, without comments, answers and what is left out", () => {
  const text = "```sh\nnpm start     # here\nnpm test\ncurl \\\n# only a comment\n  -d x\n```\n";
  expect(scriptOf({ ...run, leftOut: { "npm test": "why" } }, text)).toBe("npm start\ncurl \\\n  -d x");
  const [session] = blocksOf("a.md", "```console\n$ npm start\nsaid\n```\n");
  expect(commandsOf(session!)).toEqual(["npm start"]);
});
