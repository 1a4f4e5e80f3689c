/**
 * The passengers' site: made of its sources once when the platform starts, kept compressed in memory, and served beside the
 * API. Nobody waits for the build but the first visitor. Pages are made here for the reader's language and theme, so that
 * the first paint is already right; everything after that is the browser's work.
 */
import type { Policy } from "@chepiao/contracts";
import { placeOf } from "../web/app/paths.ts";
import { escaped } from "./html.ts";
import { forever, packed, type PackedFile, sendPacked } from "./packedFile.ts";
import { askedBy, type Asked, brandOf, type Language } from "./sitePage.ts";
import { type Body, namedFiles } from "./siteFiles.ts";
import { siteSources } from "./siteSources.ts";

type Built = { readonly files: ReadonlyMap<string, PackedFile>; readonly page: (asked: Asked) => Promise<PackedFile> };

/** Nothing but our own files runs, and nobody may frame us. Styles set by script are not inline styles. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

export type Site = (request: Request) => Promise<Response> | null;

export type SiteOptions = {
  readonly report: (message: string, error: unknown) => void;
  /** A login that everybody may use, offered where one is asked for. */
  readonly demo: { readonly username: string; readonly password: string } | null;
  /** Where messages are shown that a platform that is practised with does not send; null where they are sent. */
  readonly messagesPage: string | null;
  readonly railway: Pick<Policy, "currency" | "languages" | "name">;
  /** How the site is reached from everywhere, where that is known: pictures of links are asked for by others. */
  readonly publicUrl: string;
};

export function createSite(options: SiteOptions): Site {
  let building: Promise<Built> | null = build(options);
  // The first visitor is told; until then a failed build must not end the platform.
  building.catch((error) => options.report("the site did not build", error));

  async function answer(request: Request, pathname: string): Promise<Response> {
    let built: Built;
    try {
      built = await (building ??= build(options));
    } catch {
      building = null;
      return new Response("The site could not be built. The API is at /api/docs.\n", {
        status: 503,
        headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
      });
    }
    const file = built.files.get(pathname);
    if (file) return sendPacked(request, file, 200, policy);
    if (pathname.startsWith("/assets/")) return new Response("Not found\n", { status: 404 });
    const page = await built.page(askedBy(request, options.railway.languages));
    return sendPacked(request, page, placeOf(pathname) ? 200 : 404, policy);
  }

  return (request) => {
    if (request.method !== "GET" && request.method !== "HEAD") return null;
    const { pathname } = new URL(request.url);
    // A program that asks for what is not there gets the API's problem document, a person gets a page.
    const wantsPage = (request.headers.get("accept") ?? "").includes("text/html");
    const isOurs = placeOf(pathname) !== null || pathname.startsWith("/assets/") || rootFiles.has(pathname);
    return isOurs || wantsPage ? answer(request, pathname) : null;
  };
}

const rootFiles = new Set(["/sw.js", ...namedFiles.map(([name]) => `/${name}`)]);

// Building

async function build({ demo, messagesPage, railway, publicUrl }: SiteOptions): Promise<Built> {
  const { assets, main, worker, named: ownFiles, template } = await siteSources();
  const brand = brandOf(railway.name);
  const files = new Map<string, PackedFile>();
  const texts = new Map<string, string>();
  for (const { name, type, bytes } of assets) {
    if (type.startsWith("text/java")) texts.set(name, new TextDecoder().decode(bytes));
    files.set(name, await packed(type, forever, bytes));
  }
  const named = (start: string, end: string) =>
    [...files.keys()].find((name) => name.startsWith(`/assets/${start}-`) && name.endsWith(end))!;
  const style = named("main", ".css");

  files.set("/sw.js", await packed("text/javascript; charset=utf-8", "no-cache", encode(worker)));
  for (const { name, type, bytes } of ownFiles) {
    const own = name === "/manifest.webmanifest" ? encode(manifestOf(bytes, brand, railway.languages)) : bytes;
    files.set(name, await packed(type, "public, max-age=86400", own));
  }

  const pages = new Map<string, Promise<PackedFile>>();
  const demoLogin = demo ? `<meta name="demo-login" content="${demo.username} ${demo.password}">\n` : "";
  const { currency, languages } = railway;
  const ofRailway = [
    `<meta name="railway" content="${currency.code} ${currency.minorUnits} ${languages.join()}">`,
    ...languages.map((each) => `<meta name="brand-${each}" content="${escaped(brand[each])}">`),
  ].join("\n");
  const picture = URL.canParse(publicUrl)
    ? `<meta property="og:image" content="${new URL("/icon-512.png", publicUrl).href}">\n`
    : "";
  const practice = messagesPage === null ? "" : `<meta name="practice-messages" content="${messagesPage}">\n`;
  return {
    files,
    page(asked) {
      const key = `${asked.language} ${asked.theme}`;
      const known = pages.get(key);
      if (known) return known;
      const preloads = [...reachedFrom(main, texts), named(asked.language, ".js")];
      const html = template
        .replace("{{lang}}", asked.language === "zh" ? "zh-CN" : "en")
        .replace("{{theme}}", asked.theme ? ` data-theme="${asked.theme}"` : "")
        .replaceAll("{{title}}", () => escaped(brand[asked.language]))
        .replaceAll("{{about}}", about[asked.language])
        .replaceAll("{{style}}", style)
        .replaceAll("{{main}}", main)
        .replace("{{demo}}", () => `${ofRailway}\n${picture}${demoLogin}${practice}`)
        .replace("{{preloads}}", preloads.map((name) => `<link rel="modulepreload" href="${name}">`).join(""));
      const made = packed("text/html; charset=utf-8", "no-cache", encode(html));
      pages.set(key, made);
      return made;
    },
  };
}

function manifestOf(
  bytes: Uint8Array,
  brand: Readonly<Record<Language, string>>,
  languages: readonly Language[],
): string {
  const given = JSON.parse(new TextDecoder().decode(bytes)) as object;
  const names = languages.map((each) => brand[each]);
  return JSON.stringify({ ...given, name: [...new Set(names)].join(" "), short_name: names[0] });
}

/** For search engines, and for a reader who is sent a link. */
const about = {
  zh: "查余票、选座位、买火车票：开售准点，余票实时，退票明白。",
  en: "Find trains, choose your seats and buy tickets: live availability, clear refunds.",
} as const;

/** What a chunk imports at once, and what that imports: without a hint the browser would find out one round trip at a time. */
function reachedFrom(entry: string, texts: ReadonlyMap<string, string>): string[] {
  const reached = new Set<string>();
  const visit = (name: string): void => {
    for (const [, target] of (texts.get(name) ?? "").matchAll(/(?:from|import)\s*"([^"]+\.js)"/g)) {
      const file = target!.startsWith("/") ? target! : `/assets/${target!.replace(/^\.\//, "")}`;
      if (!texts.has(file) || reached.has(file) || file === entry) continue;
      reached.add(file);
      visit(file);
    }
  };
  visit(entry);
  return [...reached];
}

const encode = (text: string): Body => new TextEncoder().encode(text);
