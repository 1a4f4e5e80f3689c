export * from "./challengeProof.ts";
export * from "./job.ts";
export * from "./provedMoney.ts";
export * from "./queuePass.ts";
export * from "./room.ts";
export * from "./setting.ts";
export * from "./shared.ts";
