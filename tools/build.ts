/**
 * `npm run build`: the platform as one file that needs neither Node, npm, packages nor sources beside it: program, threads, site and demo network.
 * For another system than this one: `npm run build -- --target bun-linux-arm64`, and so on.
 */
import { mkdirSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { BunPlugin } from "bun";
import type { SiteFile } from "../apps/server/siteFiles.ts";
import { consoleSources, siteSources } from "../apps/server/siteSources.ts";

const root = join(import.meta.dir, "..");
const help = `npm run build -- [--out FILE] [--target TARGET]

  --out FILE        dist/chepiao where nothing is said
  --target TARGET   bun-linux-x64, bun-linux-arm64, bun-darwin-arm64, bun-windows-x64 …: this system where nothing is said`;

/** The program, and its threads: found by their names alone, because in the file all lie in one folder. */
const entrypoints = [
  "apps/server/main.ts",
  "apps/server/wiring/workers/worker.ts",
  "packages/adapters/sqlite/writerThread.ts",
].map((path) => join(root, path));

const { values } = parseArgs({
  options: {
    out: { type: "string", default: join(root, "dist/chepiao") },
    target: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const siteModule = /\/apps\/server\/siteSources\.ts$/;

/** The site is built before, for a build cannot wait for another; the file carries what came of it. */
async function builtSite(): Promise<BunPlugin> {
  const { assets, named, ...rest } = await siteSources();
  const ofStaff = await consoleSources();
  const packed = (files: readonly SiteFile[]) => files.map((file) => ({ ...file, bytes: file.bytes.toBase64() }));
  const contents = `
    const { assets, named, ...rest } = ${JSON.stringify({ ...rest, assets: packed(assets), named: packed(named) })};
    const ofConsole = ${JSON.stringify({ ...ofStaff, assets: packed(ofStaff.assets) })};
    const unpacked = (files) => files.map((file) => ({ ...file, bytes: Uint8Array.fromBase64(file.bytes) }));
    export const siteSources = async () => ({ ...rest, assets: unpacked(assets), named: unpacked(named) });
    export const consoleSources = async () => ({ ...ofConsole, assets: unpacked(ofConsole.assets) });`;
  return {
    name: "built site",
    setup: (bundler) => void bundler.onLoad({ filter: siteModule }, () => ({ loader: "js", contents })),
  };
}

/** Where the file runs there is no npm: what the program tells people to type is its own name. */
const ownName: BunPlugin = {
  name: "own name",
  setup(bundler) {
    bundler.onLoad({ filter: /\/apps\/server\/(?!siteSources\.ts).*\.ts$/ }, async ({ path }) => ({
      loader: "ts",
      contents: (await Bun.file(path).text())
        .replaceAll(/npm run (?:--silent )?chepiao --(?= )/g, "chepiao")
        .replaceAll("npm start", "chepiao serve"),
    }));
  },
};

/** The Kafka client reads its checksums' WebAssembly from beside its own file; it has a form that carries it. */
const kafkaChecksums: BunPlugin = {
  name: "kafka checksums",
  setup(bundler) {
    bundler.onLoad({ filter: /\/@platformatic\/wasm-utils\/dist\/index\.js$/ }, async ({ path }) => ({
      loader: "js",
      contents: await Bun.file(join(dirname(path), "bundled.js")).text(),
    }));
  },
};

async function makeProgram(out: string, target: string | undefined): Promise<void> {
  mkdirSync(dirname(out), { recursive: true });
  const started = performance.now();
  await Bun.build({
    entrypoints,
    root,
    target: "bun",
    // Names of functions stay, so that a stack can be read.
    minify: { whitespace: true, syntax: true, identifiers: false },
    naming: { entry: "[name].[ext]" },
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [await builtSite(), ownName, kafkaChecksums],
    compile: {
      outfile: out,
      ...(target === undefined ? {} : { target: target as Bun.Build.CompileTarget }),
      // Settings come from the environment that the operator gives, and from no file that lies about where it is started.
      autoloadDotenv: false,
      autoloadBunfig: false,
    },
  });
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  const megabytes = Math.round(statSync(out).size / 1e6);
  console.log(`${relative(process.cwd(), out) || out}: ${megabytes} MB, in ${seconds} s`);
}

if (values.help) console.log(help);
else await makeProgram(resolve(values.out), values.target);
