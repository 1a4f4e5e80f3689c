/** What a browser test asks of the platform that it looks at, and of the ground on which such platforms stand. */

export type Site = {
  readonly url: string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Again on the same port, with what it had kept. */
  start(): Promise<void>;
  /** A command of its operator, beside it: what was printed. @throws where it failed */
  chepiao(...args: readonly string[]): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type SiteSettings = Readonly<Record<string, string>>;

/** @param settings those of the platform */
export async function runCommand(args: readonly string[], settings: SiteSettings): Promise<string> {
  const { exitCode, stdout, stderr } = await Bun.$`${process.execPath} apps/server/main.ts ${args}`
    .cwd(`${import.meta.dir}/../../..`)
    .env({ ...process.env, ...settings })
    .quiet()
    .nothrow();
  if (exitCode !== 0) throw new Error(`chepiao ${args.join(" ")} failed:\n${stdout.toString()}${stderr.toString()}`);
  return stdout.toString();
}

export type Ground = {
  readonly about: string;
  startSite(settings?: SiteSettings): Promise<Site>;
  /** What sites share, because it takes long to make, goes with the last test of a file. */
  close(): Promise<void>;
};
