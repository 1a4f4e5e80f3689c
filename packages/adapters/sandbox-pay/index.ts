export { createSandboxBank, type SandboxBank, type SandboxBankDeps } from "./bank.ts";
export type { Behaviour } from "./behaviours.ts";
export { createSandboxProvider, type SandboxProviderDeps } from "./provider.ts";
