/**
 * The platform, and beside it in the same process the least that `Bun.serve` can do: what HTTP alone costs on this machine, at
 * this moment. `BENCH_REFERENCE_PORT` says where; the rest is as for `npm start`.
 *
 *   PUT  /bytes/4096   from now on answers have this many bytes
 *   GET  anything      those bytes, from a function
 *   GET  /fixed        those bytes, by a static route: no JavaScript runs
 *   POST /echo         202 and the body that came
 */
import { serveCommand } from "../apps/server/commands/serve.ts";

const init: ResponseInit = { headers: new Headers({ "content-type": "application/json" }) };
const accepted: ResponseInit = { ...init, status: 202 };
let bytes = new Uint8Array(1_024).fill(0x20);

const answers = () => ({
  port: Number(process.env["BENCH_REFERENCE_PORT"]),
  development: false as const,
  fetch: () => new Response(bytes, init),
  routes: {
    "/fixed": new Response(bytes, init),
    "/api/search/tickets": {
      GET: (r: Request) => {
        if (variant > 0) r.url;
        if (variant > 1) seen.get(r.url);
        if (variant > 3) return new Response(blobs[n++ % many.length]!, init7);
        return variant > 2
          ? new Response(many[n++ % many.length]!, init7)
          : new Response(bytes, variant > 1 ? init7 : init);
      },
    },
    "/v/:n": (r: Bun.BunRequest<"/v/:n">) => {
      variant = Number(r.params.n);
      return new Response("");
    },
    "/echo": { POST: async (request: Request) => new Response(await request.text(), accepted) },
    "/bytes/:count": {
      PUT(request: Bun.BunRequest<"/bytes/:count">) {
        bytes = new Uint8Array(Number(request.params.count)).fill(0x20);
        reference.reload(answers());
        return new Response(null, { status: 204 });
      },
    },
  },
});
let variant = 0;
let n = 0;
const many = Array.from({ length: 12000 }, () => new Uint8Array(2457).fill(0x20));
const blobs = many.map((b) => new Blob([b]));
const seen = new Map<string, number>();
const init7 = {
  headers: new Headers({
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
    "content-type": "application/json",
  }),
};
const reference = Bun.serve(answers());

process.exitCode = await serveCommand.run([]);
await reference.stop(true);
