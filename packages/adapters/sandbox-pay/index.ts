export { createSandboxBank, type SandboxBank, type SandboxBankDeps } from "./bank.ts";
export { type Behaviour, behaviours } from "./behaviours.ts";
export { createSandboxProvider, type SandboxProviderDeps } from "./provider.ts";
