export { createSandboxMessages, messagesPath, type SandboxMessages } from "./sandboxMessages.ts";
