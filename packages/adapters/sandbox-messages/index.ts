export {
  createSandboxMessages,
  messagesPath,
  type SandboxMessages,
  type SandboxMessagesDeps,
} from "./sandboxMessages.ts";
