/** What every browser test stands on: a fresh platform (`startSite`), a Chromium, and a place for pictures. */
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { closeSites } from "./ground.ts";
import type { Site } from "./site.ts";

export { commonSite, looksHere, startSite } from "./ground.ts";
export type { Site } from "./site.ts";

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // The name by which another machine in the same network would know this one.
  "--host-resolver-rules=MAP chepiao.test 127.0.0.1",
];

function findChromium(): string {
  const path =
    Bun.env["CHROMIUM"] ??
    ["chromium", "chromium-browser", "google-chrome"].map((name) => Bun.which(name)).find(Boolean);
  if (path) return path;
  throw new Error(
    "Browser tests need Chromium and Chinese fonts:\n" +
      "  apt-get install -y chromium fonts-noto-cjk\n" +
      "or say where it is with CHROMIUM=/path/to/chromium.",
  );
}

let browser: Promise<Browser> | null = null;
export const openBrowser = (): Promise<Browser> =>
  (browser ??= chromium.launch({ executablePath: findChromium(), args: flags }));
/** After the last test of a file: the browser, and what sites have in common. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = null;
  await closeSites();
}

// Pages

export type Looks = {
  readonly language?: "zh" | "en";
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
};
export const phone = 375;
export const desktop = 1_280;

/** What the page itself complained about. Refusals are answers, and browsers print each of them. */
export type Visit = { readonly page: Page; readonly context: BrowserContext; readonly complaints: readonly string[] };

export async function visit(
  site: Site,
  { language = "zh", width = phone, height = width < 600 ? 812 : 860, dark = false }: Looks = {},
): Promise<Visit> {
  const context = await (
    await openBrowser()
  ).newContext({
    baseURL: site.url,
    viewport: { width, height },
    deviceScaleFactor: width < 600 ? 2 : 1,
    hasTouch: width < 600,
    locale: language === "zh" ? "zh-CN" : "en-GB",
    colorScheme: dark ? "dark" : "light",
    // The worker would answer from its own cache what a test wants to see fail.
    serviceWorkers: "block",
  });
  return { ...(await openPage(context)), context };
}

export async function openPage(
  context: BrowserContext,
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const page = await context.newPage();
  page.setDefaultTimeout(40_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) complaints.push(message.text());
  });
  // A page that makes do without an answer hides that there was none.
  page.on("response", (response) => {
    if (response.status() === 500) complaints.push(`${response.request().method()} ${response.url()} answered 500`);
  });
  return { page, complaints };
}

/** `apps/web/e2e/shots/name.png`, for people to look at. */
export async function picture(page: Page, name: string, whole = false): Promise<void> {
  // Entrances and spinners would make every picture a little different.
  const take = () => page.screenshot({ path: `${import.meta.dir}/shots/${name}.png`, animations: "disabled" });
  await (whole ? onWholePage(page, take) : take());
}

/** In a window as high as the page: bars that stick to an edge are then where they belong, and cover nothing that could be scrolled. */
export async function onWholePage<T>(page: Page, see: () => Promise<T>): Promise<T> {
  const size = page.viewportSize()!;
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: size.width, height: Math.max(size.height, height) });
  const seen = await see();
  await page.setViewportSize(size);
  return seen;
}
