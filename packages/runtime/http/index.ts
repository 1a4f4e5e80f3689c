export { type AnswerAudit, createAnswerAudit } from "./audit.ts";
export { type BindDeps, type Observe, type Room, type RouteTable } from "./bind.ts";
export type { Authenticate } from "./exchange.ts";
export { type HttpOptions, type HttpServer, type Mounted, PortTaken, type Readiness, serveHttp } from "./serve.ts";
