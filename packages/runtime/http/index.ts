export { type AnswerAudit, AnswerMismatch, createAnswerAudit } from "./audit.ts";
export { bindRoutes, type BindDeps, type Observe, type Room, type RouteTable } from "./bind.ts";
export { type Authenticate, sessionCookie } from "./exchange.ts";
export { openApiDocument } from "./openapi.ts";
export { securityHeaders } from "./replies.ts";
export { type HttpOptions, type HttpServer, type Mounted, PortTaken, type Readiness, serveHttp } from "./serve.ts";
