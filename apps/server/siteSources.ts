/**
 * What the site and the console are served from: scripts and styles as a browser reads them. Here they are built when the platform needs them; in the program that is
 * shipped as one file, which has no sources beside it, tools/build.ts puts into this file's place what was built then.
 */
import { join } from "node:path";
import { consolePath, type ConsoleSources, namedFiles, type SiteFile, type SiteSources } from "./siteFiles.ts";

const folder = join(import.meta.dir, "../web");
const consoleFolder = join(import.meta.dir, "../console");

/** Throws where they do not build. */
export async function siteSources(): Promise<SiteSources> {
  const { assets, main } = await builtOf(folder, ["main.tsx", "styles/main.css"], "/assets/");
  const worker = await Bun.build({ entrypoints: [join(folder, "sw.ts")], target: "browser", minify: true });
  const names = JSON.stringify(assets.map(({ name }) => name));
  return {
    assets,
    main,
    worker: (await worker.outputs[0]!.text()).replace('"CHEPIAO_ASSETS"', JSON.stringify(names)),
    named: await Promise.all(
      namedFiles.map(async ([name, type]) => ({
        name: `/${name}`,
        type,
        bytes: await Bun.file(join(folder, "static", name)).bytes(),
      })),
    ),
    template: await Bun.file(join(folder, "index.html")).text(),
  };
}

/** Throws where they do not build. */
export async function consoleSources(): Promise<ConsoleSources> {
  const { assets, main } = await builtOf(consoleFolder, ["main.tsx", "styles.css"], `${consolePath}assets/`);
  return { assets, main, template: await Bun.file(join(consoleFolder, "index.html")).text() };
}

async function builtOf(root: string, entries: readonly string[], publicPath: string) {
  const result = await Bun.build({
    entrypoints: entries.map((entry) => join(root, entry)),
    root,
    target: "browser",
    splitting: true,
    minify: true,
    publicPath,
    naming: { entry: "[name]-[hash].[ext]", chunk: "[name]-[hash].[ext]", asset: "[name]-[hash].[ext]" },
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const assets: SiteFile[] = [];
  let main = "";
  for (const output of result.outputs) {
    const name = `${publicPath}${output.path.replace(/^\.?\//, "")}`;
    const type = name.endsWith(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
    if (output.kind === "entry-point") main = name;
    assets.push({ name, type, bytes: new Uint8Array(await output.arrayBuffer()) });
  }
  return { assets, main };
}
