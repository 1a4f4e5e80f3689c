/**
 * Keeps the site itself for times without a network, so that a ticket opened once opens again at the gate. Answers of the API
 * are never kept here: pages keep what they may show, and forget it at logout.
 */

/** Filled in when the site is built: the names carry hashes, so a new build is a new list. */
const assets: readonly string[] = JSON.parse("CHEPIAO_ASSETS");
/** Their names stay from build to build, so what was kept of them is only for when there is no network. */
const named = ["/icon.svg", "/browser.js"];
const cacheName = "chepiao-site";

type Waiting = Event & { waitUntil(work: Promise<unknown>): void };
type Fetching = Waiting & { readonly request: Request; respondWith(answer: Promise<Response>): void };
const worker = globalThis as unknown as {
  addEventListener(name: string, listener: (event: never) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
};

worker.addEventListener("install", (event: Waiting) => event.waitUntil(install()));
worker.addEventListener("activate", (event: Waiting) => event.waitUntil(activate()));
worker.addEventListener("fetch", (event: Fetching) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith("/assets/")) event.respondWith(fromCache(request));
  else if (named.includes(pathname)) event.respondWith(fresh(request, pathname));
  else if (request.mode === "navigate" && !/^\/(api|sandbox)\//.test(pathname)) event.respondWith(fresh(request, "/"));
});

async function install() {
  const cache = await caches.open(cacheName);
  await cache.addAll(["/", ...named, ...assets]);
  await worker.skipWaiting();
}

async function activate() {
  const cache = await caches.open(cacheName);
  const wanted = new Set(["/", ...named, ...assets]);
  for (const request of await cache.keys()) if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request);
  await worker.clients.claim();
}

async function fromCache(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

/** The network first: a page names the files of its build. Without it, what was kept under that name; every page is the same. */
async function fresh(request: Request, name: string): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const page = await caches.match(name);
    if (page) return page;
    throw error;
  }
}
