export { createHttpIdentity, type HttpIdentityDeps } from "./httpIdentity.ts";
export { createIdentityService, type IdentityService, type IdentityServiceDeps } from "./identityService.ts";
