/** What a browser test asks of the platform that it looks at, and of the ground on which such platforms stand. */

export type Site = {
  readonly url: string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Again on the same port, with what it had kept. */
  start(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type SiteSettings = Readonly<Record<string, string>>;

export type Ground = {
  readonly about: string;
  startSite(settings?: SiteSettings): Promise<Site>;
  /** What sites share, because it takes long to make, goes with the last test of a file. */
  close(): Promise<void>;
};
