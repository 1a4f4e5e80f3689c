/**
 * The platform, and beside it in the same process the least that `Bun.serve` can do: what HTTP alone costs on this machine, at
 * this moment. `BENCH_REFERENCE_PORT` says where; the rest is as for `npm start`.
 *
 *   PUT  /bytes/4096   from now on answers have this many bytes
 *   GET  anything      those bytes, from a function
 *   GET  /fixed        those bytes, by a static route: no JavaScript runs
 *   POST /echo         202 and the body that came, parsed and written again
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
    "/echo": { POST: async (request: Request) => Response.json(await request.json(), accepted) },
    "/bytes/:count": {
      PUT(request: Bun.BunRequest<"/bytes/:count">) {
        bytes = new Uint8Array(Number(request.params.count)).fill(0x20);
        reference.reload(answers());
        return new Response(null, { status: 204 });
      },
    },
  },
});
const reference = Bun.serve(answers());

process.exitCode = await serveCommand.run([]);
await reference.stop(true);
