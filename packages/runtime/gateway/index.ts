export { createGateway, type GatewayRole } from "./gateway.ts";
