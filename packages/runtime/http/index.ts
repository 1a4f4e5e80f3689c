export { type AnswerAudit, createAnswerAudit } from "./audit.ts";
export { type BindDeps, type Observe, type Room, type RouteTable } from "./bind.ts";
export type { Authenticate } from "./exchange.ts";
export type { Mounted } from "./fallback.ts";
export { assertPortFree, PortTaken } from "./listen.ts";
export type { Readiness } from "./own.ts";
export { createPassOn } from "./pass.ts";
export { openPorch, type Porch } from "./porch.ts";
export { type HttpOptions, type HttpServer, serveHttp } from "./serve.ts";
