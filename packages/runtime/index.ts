export * from "./bus/index.ts";
export * from "./duty/index.ts";
export * from "./gateway/index.ts";
export * from "./http/index.ts";
export * from "./observe/index.ts";
export * from "./relay/relay.ts";
export * from "./watch/index.ts";
