/**
 * What the site is served from: scripts and styles as a browser reads them. Here they are built when the platform starts; in the program that is
 * shipped as one file, which has no sources beside it, tools/build.ts puts into this file's place what was built then.
 */
import { join } from "node:path";
import { namedFiles, type SiteFile, type SiteSources } from "./siteFiles.ts";

const folder = join(import.meta.dir, "../web");

/** Throws where they do not build. */
export async function siteSources(): Promise<SiteSources> {
  const result = await Bun.build({
    entrypoints: [join(folder, "main.tsx"), join(folder, "styles/main.css")],
    root: folder,
    target: "browser",
    splitting: true,
    minify: true,
    publicPath: "/assets/",
    naming: { entry: "[name]-[hash].[ext]", chunk: "[name]-[hash].[ext]", asset: "[name]-[hash].[ext]" },
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const worker = await Bun.build({ entrypoints: [join(folder, "sw.ts")], target: "browser", minify: true });
  const assets: SiteFile[] = [];
  let main = "";
  for (const output of result.outputs) {
    const name = `/assets/${output.path.replace(/^\.?\//, "")}`;
    const type = name.endsWith(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
    if (output.kind === "entry-point") main = name;
    assets.push({ name, type, bytes: new Uint8Array(await output.arrayBuffer()) });
  }
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
