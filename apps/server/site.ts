/**
 * The passengers' site: made of its sources once when the platform starts, kept compressed in memory, and served beside the
 * API. Nobody waits for the build but the first visitor. Pages are made here for the reader's language and theme, so that
 * the first paint is already right; everything after that is the browser's work.
 */
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { type Policy, policyProfiles } from "@chepiao/contracts";
import { placeOf } from "../web/app/paths.ts";
import { type Body, namedFiles } from "./siteFiles.ts";
import { siteSources } from "./siteSources.ts";

const forever = "public, max-age=31536000, immutable";

type File = {
  readonly type: string;
  readonly caching: string;
  readonly plain: Body;
  readonly gzip: Body | null;
  readonly br: Body | null;
};
type Built = { readonly files: ReadonlyMap<string, File>; readonly page: (asked: Asked) => Promise<File> };
type Language = "zh" | "en";
type Asked = { readonly language: Language; readonly theme: "light" | "dark" | "" };

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
    if (file) return send(request, file, 200);
    if (pathname.startsWith("/assets/")) return new Response("Not found\n", { status: 404 });
    return send(request, await built.page(askedBy(request, options.railway.languages)), placeOf(pathname) ? 200 : 404);
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

function send(request: Request, file: File, status: number): Response {
  const accepted = request.headers.get("accept-encoding") ?? "";
  const encoding = file.br && /\bbr\b/.test(accepted) ? "br" : file.gzip && /\bgzip\b/.test(accepted) ? "gzip" : null;
  const body = encoding === null ? file.plain : file[encoding]!;
  const isPage = file.type.startsWith("text/html");
  const headers = new Headers({
    "content-type": file.type,
    "cache-control": file.caching,
    "content-security-policy": policy,
    vary: isPage ? "Accept-Encoding, Accept-Language, Cookie" : "Accept-Encoding",
  });
  if (encoding) headers.set("content-encoding", encoding);
  if (request.method === "HEAD") headers.set("content-length", String(body.byteLength));
  return new Response(request.method === "HEAD" ? null : body, { status, headers });
}

// What the reader wants

/** Over TLS both cookies have names that no other host can set. */
function askedBy(request: Request, spoken: readonly Language[]): Asked {
  const cookies = request.headers.get("cookie") ?? "";
  const chosen = /(?:^|;\s*)(?:__Host-)?lang=(zh|en)\b/.exec(cookies)?.[1] as Language | undefined;
  const theme = /(?:^|;\s*)(?:__Host-)?theme=(light|dark)\b/.exec(cookies)?.[1] as Asked["theme"] | undefined;
  const language =
    chosen && spoken.includes(chosen) ? chosen : preferred(request.headers.get("accept-language"), spoken);
  return { language, theme: theme ?? "" };
}

/** The first that is spoken here in the browser's own order, which is what `navigator.languages` says too. */
function preferred(accepted: string | null, spoken: readonly Language[]): Language {
  const tags = (accepted ?? "").split(",").map((tag) => tag.trim().toLowerCase());
  const named = tags.map((tag) => spoken.find((each) => tag.startsWith(each)));
  return named.find((each) => each !== undefined) ?? (accepted && spoken.includes("en") ? "en" : spoken[0]!);
}

// Building

async function build({ demo, messagesPage, railway, publicUrl }: SiteOptions): Promise<Built> {
  const { assets, main, worker, named: ownFiles, template } = await siteSources();
  const brand = brandOf(railway.name);
  const files = new Map<string, File>();
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

  const pages = new Map<string, Promise<File>>();
  const demoLogin = demo ? `<meta name="demo-login" content="${demo.username} ${demo.password}">\n` : "";
  const { currency, languages } = railway;
  const ofRailway = [
    `<meta name="railway" content="${currency.code} ${currency.minorUnits} ${languages.join()}">`,
    ...languages.map((each) => `<meta name="brand-${each}" content="${escapeHtml(brand[each])}">`),
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
        .replaceAll("{{title}}", () => escapeHtml(brand[asked.language]))
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

/** A railway's site has its name. Those of the policies that come with the platform are examples, and nobody's. */
function brandOf(name: Policy["name"]): Readonly<Record<Language, string>> {
  const isExample = Object.values(policyProfiles).some((each) => each.name.zh === name.zh && each.name.en === name.en);
  return isExample ? { zh: "车票", en: "Chepiao" } : name;
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

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const encode = (text: string): Body => new TextEncoder().encode(text);
const gzipped = promisify(gzip);
const brotlied = promisify(brotliCompress);
/** Two of eleven steps below the best: half a second earlier for two percent more. */
const brotliQuality = 9;

async function packed(type: string, caching: string, plain: Body): Promise<File> {
  const [zipped, br] = await Promise.all([
    gzipped(plain, { level: 9 }),
    brotlied(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } }),
  ]);
  const helps = zipped.byteLength < plain.byteLength;
  return { type, caching, plain, gzip: helps ? new Uint8Array(zipped) : null, br: helps ? new Uint8Array(br) : null };
}
