/**
 * The platform that a browser test looks at is fresh, on a free port, with data of its own, so one test may kill its platform and
 * another sell it out; only those that ask for `commonSite` share one. The tests are the same on either ground:
 *
 *   CHEPIAO_E2E=embedded   the platform in one process, which is what `npm start` gives; so it is where nothing is said
 *   CHEPIAO_E2E=cluster    each role a process of its own behind the gateway, on real engines
 */
import { embedded } from "./embedded.ts";
import { isAnother } from "./railways.ts";
import type { Ground, Site } from "./site.ts";

const grounds: Readonly<Record<string, () => Promise<Ground>>> = {
  embedded: async () => embedded,
  // Its drivers take longer to load than all the rest.
  cluster: async () => (await import("./cluster.ts")).cluster,
};

const name = Bun.env["CHEPIAO_E2E"] ?? "embedded";
if (!Object.hasOwn(grounds, name)) throw new Error(`CHEPIAO_E2E is one of ${Object.keys(grounds).join(", ")}`);
const ground = await grounds[name]!();
console.log(`Browser tests on ${ground.about}.`);

export const { startSite } = ground;

let common: Promise<Site> | null = null;
/** One platform for those tests of a file that each have an account of their own, and notice nothing of each other. */
export const commonSite = (): Promise<Site> => (common ??= startSite());

/** After the last test of a file. */
export async function closeSites(): Promise<void> {
  await (await common)?.[Symbol.asyncDispose]();
  common = null;
  await ground.close();
}

/**
 * What a page looks like is the same on either ground and by any rules: where each site is a dozen processes one way of looking is enough,
 * and another railway is looked at in each language once.
 */
export function looksHere<T>(looks: readonly T[]): readonly T[] {
  if (name === "cluster") return looks.slice(0, 1);
  return isAnother ? [...new Set([looks[0]!, looks.at(-1)!])] : looks;
}
