/** What a browser is given of the site, before anything of one railway is in it. */

export type Body = Uint8Array<ArrayBuffer>;
/** `name` is its path on the site. */
export type SiteFile = { readonly name: string; readonly type: string; readonly bytes: Body };
export type SiteSources = {
  /** Named after their contents. */
  readonly assets: readonly SiteFile[];
  /** The name of the script that a page begins with. */
  readonly main: string;
  /** The service worker, with the list of all assets. */
  readonly worker: string;
  /** Those that others look for by name. */
  readonly named: readonly SiteFile[];
  readonly template: string;
};

/** Files with a name of their own, in apps/web/static. */
export const namedFiles = [
  ["icon.svg", "image/svg+xml"],
  ["icon-180.png", "image/png"],
  ["icon-512.png", "image/png"],
  ["manifest.webmanifest", "application/manifest+json"],
  ["robots.txt", "text/plain; charset=utf-8"],
  ["browser.js", "text/javascript; charset=utf-8"],
] as const;

/** Where the console of the railway's staff begins. */
export const consolePath = "/console/";

export type ConsoleSources = Pick<SiteSources, "assets" | "main" | "template">;
