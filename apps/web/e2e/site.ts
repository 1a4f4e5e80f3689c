/**
 * The platform that a browser test looks at: fresh, on a free port, with data of its own. Nothing is shared between tests, so one
 * may kill its platform and another sell it out. The tests are the same either way:
 *
 *   CHEPIAO_E2E=embedded   the platform in one process, which is what `npm start` gives; so it is where nothing is said
 *   CHEPIAO_E2E=cluster    each role a process of its own behind the gateway, on real engines
 */
import { startEmbedded } from "./embedded.ts";

export type Site = {
  readonly url: string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Again on the same port, with what it had kept. */
  start(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type SiteSettings = Readonly<Record<string, string>>;

type Ground = {
  readonly about: string;
  startSite(settings?: SiteSettings): Promise<Site>;
  /** What sites share, because it takes long to make, goes with the last test of a file. */
  close(): Promise<void>;
};

const grounds: Readonly<Record<string, () => Promise<Ground>>> = {
  embedded: async () => ({ about: "the platform in one process", startSite: startEmbedded, close: async () => {} }),
  // Its drivers take longer to load than all the rest.
  cluster: async () => (await import("./cluster.ts")).cluster,
};

const name = Bun.env["CHEPIAO_E2E"] ?? "embedded";
if (!Object.hasOwn(grounds, name)) throw new Error(`CHEPIAO_E2E is one of ${Object.keys(grounds).join(", ")}`);
const ground = await grounds[name]!();
console.log(`Browser tests on ${ground.about}.`);

export const { startSite, close: closeSites } = ground;
