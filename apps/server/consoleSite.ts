/**
 * The console of the railway's staff, at `/console/`: made of its sources when the first of them comes, for a platform that nobody administers
 * by a browser should not start later because of it. What is in it everybody may read; what it shows, the API decides.
 */
import type { Policy } from "@chepiao/contracts";
import { escaped } from "./html.ts";
import { forever, packed, type PackedFile, sendPacked } from "./packedFile.ts";
import { askedBy, brandOf, type Language } from "./sitePage.ts";
import { type Body, consolePath } from "./siteFiles.ts";
import { consoleSources } from "./siteSources.ts";
import type { Site } from "./site.ts";

export type ConsoleSiteOptions = {
  readonly report: (message: string, error: unknown) => void;
  readonly railway: Pick<Policy, "name">;
  /** Of a platform to practise with: a member of staff whom everybody may be. */
  readonly demo: { readonly username: string; readonly password: string } | null;
};

type Built = {
  readonly files: ReadonlyMap<string, PackedFile>;
  readonly page: (language: Language, nonce: string) => Body;
};

const languages: readonly Language[] = ["zh", "en"];
const titles = { zh: "控制台", en: "Console" } as const;

/** The components put their styles into the page while it runs: those of this page alone are taken, by a number used once. */
const policyWith = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");

export function createConsoleSite(options: ConsoleSiteOptions): Site {
  let building: Promise<Built> | null = null;

  async function answer(request: Request, pathname: string): Promise<Response> {
    let built: Built;
    try {
      built = await (building ??= build(options));
    } catch (error) {
      building = null;
      options.report("the console did not build", error);
      return new Response("The console could not be built. The API is at /api/docs.\n", {
        status: 503,
        headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
      });
    }
    const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64");
    const file = built.files.get(pathname);
    if (file) return sendPacked(request, file, 200, policyWith(nonce));
    if (pathname.startsWith(`${consolePath}assets/`)) return new Response("Not found\n", { status: 404 });
    const plain = built.page(askedBy(request, languages).language, nonce);
    const page = { type: "text/html; charset=utf-8", caching: "no-store", plain, gzip: null, br: null };
    return sendPacked(request, page, 200, policyWith(nonce));
  }

  return (request) => {
    if (request.method !== "GET" && request.method !== "HEAD") return null;
    const { pathname } = new URL(request.url);
    if (`${pathname}/` === consolePath) return Promise.resolve(Response.redirect(consolePath, 308));
    return pathname.startsWith(consolePath) ? answer(request, pathname) : null;
  };
}

async function build({ railway, demo }: ConsoleSiteOptions): Promise<Built> {
  const { assets, main, template } = await consoleSources();
  const brand = brandOf(railway.name);
  const files = new Map<string, PackedFile>();
  await Promise.all(
    assets.map(async ({ name, type, bytes }) => void files.set(name, await packed(type, forever, bytes))),
  );
  const style = [...files.keys()].find((name) => name.endsWith(".css"))!;
  const demoLogin = demo ? `<meta name="demo-login" content="${demo.username} ${demo.password}">` : "";
  return {
    files,
    page: (language, nonce) =>
      new TextEncoder().encode(
        template
          .replace("{{lang}}", language === "zh" ? "zh-CN" : "en")
          .replace("{{title}}", () => escaped(`${brand[language]} · ${titles[language]}`))
          .replace("{{brand}}", () => escaped(brand[language]))
          .replace("{{nonce}}", nonce)
          .replace("{{demo}}", demoLogin)
          .replace("{{style}}", style)
          .replace("{{main}}", main),
      ),
  };
}
