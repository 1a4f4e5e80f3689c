export * from "./http/index.ts";
export * from "./observe/index.ts";
export * from "./relay/relay.ts";
