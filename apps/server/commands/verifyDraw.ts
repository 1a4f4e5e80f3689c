/** `chepiao verify-draw`: whether the lots of an opening were drawn as they should, without asking the platform. */
import { readFileSync, writeFileSync } from "node:fs";
import { QueueDraw } from "@chepiao/contracts";
import { verifyDraw } from "@chepiao/services/queue";
import { Compile } from "typebox/compile";
import { type Command, CommandFailed, readArgs, UsageError } from "./command.ts";

const help = `npm run chepiao -- verify-draw FILE... [--lot LOT] [--seed-hash HASH] [--root ROOT]
                         verify-draw URL --save FILE

Checks offline that the lots of a queue were drawn as they should: that the seed is the one whose hash was published before, that the lots
are those whose root was published before the seed was, that each has the place which follows from both and from the announced chance, and
no lot has two.

  FILE       pages of the draw as the platform gives them: /api/queue/draw?queue=QUEUE&page=0 and so on, or a list of them in one file
  URL        https://…/api/queue/draw?queue=QUEUE: fetches all pages
  --lot      says which place that lot has
  --seed-hash, --root  what you have noted yourself before the draw: then nobody can have changed it since
  --save     keeps what was fetched, for others to check`;

const options = {
  lot: { type: "string" },
  "seed-hash": { type: "string" },
  root: { type: "string" },
  save: { type: "string" },
} as const;

const drawForm = Compile(QueueDraw);
const answersWithinMs = 20_000;

export const verifyDrawCommand: Command = {
  about: "check the draw of an opening offline",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    if (positionals.length === 0) throw new UsageError(help);
    const [first] = positionals;
    const isUrl = /^https?:/.test(first!);
    const pages = isUrl ? await fetchPages(first!) : positionals.flatMap(pagesIn);
    if (values.save !== undefined) writeFileSync(values.save, JSON.stringify(pages));
    const checked = await verifyDraw(pages, async () => {});
    if (!checked.ok) return failed(checked.error);
    const { queueId, root, rootAt, seedHash, chance, chanceFrom } = pages[0]!;
    if (values.root !== undefined && values.root !== root) return failed("the root is not the one that you noted");
    if (values["seed-hash"] !== undefined && values["seed-hash"] !== seedHash)
      return failed("the hash of the seed is not the one that you noted");
    console.log(
      `✓ The draw of queue ${queueId} is right: ${checked.value.length} lots, each with the place that follows.`,
    );
    console.log(`  SHA-256 of the seed  ${seedHash}`);
    console.log(`  root of the lots     ${root}${rootAt === null ? "" : `, published at ${rootAt}`}`);
    if (chance !== null)
      console.log(`  chance               ${chance} (${chanceFrom}): look yourself whether it was, and after that`);
    if (values.lot === undefined) return 0;
    const place = checked.value.indexOf(values.lot.toLowerCase()) + 1;
    if (place === 0) return failed(`lot ${values.lot} was not drawn`);
    console.log(`  lot ${values.lot} has place ${place}`);
    return 0;
  },
};

function failed(why: string): number {
  console.error(`✗ This draw is not as promised: ${why}.`);
  return 1;
}

function pagesIn(path: string): QueueDraw[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  }
  return parsed(text, path);
}

function parsed(text: string, from: string): QueueDraw[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${from} is no JSON.`);
  }
  const pages = Array.isArray(value) ? value : [value];
  if (!pages.every((page): page is QueueDraw => drawForm.Check(page)))
    throw new UsageError(`${from} is no page of a draw, as /api/queue/draw answers it.`);
  return pages;
}

async function fetchPages(url: string): Promise<QueueDraw[]> {
  const pages: QueueDraw[] = [];
  do {
    const address = new URL(url);
    address.searchParams.set("page", String(pages.length));
    pages.push(...parsed(await fetchText(address), address.href));
  } while (pages.length < pages[0]!.pages);
  return pages;
}

async function fetchText(address: URL): Promise<string> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(answersWithinMs) });
    const text = await response.text();
    if (response.ok) return text;
    throw new CommandFailed(`${address.href} answers ${response.status}: ${text.slice(0, 200)}`);
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw new CommandFailed(`${address.href} cannot be read: ${(error as Error).message}`);
  }
}
