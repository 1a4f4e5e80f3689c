export { createSandboxIdentity } from "./sandboxIdentity.ts";
