export { type Answering, bindCalls, type CallHandlers } from "./answer.ts";
export { type Bus, type Caller, createBus } from "./caller.ts";
export { insideLabels, insideOnly } from "./inside.ts";
export { createGuard, createSigner, type Guard } from "./signature.ts";
export { answerCalls, createRemoteClient, type RemoteDeps } from "./remote.ts";
