export * from "./http/index.ts";
export * from "./observe/index.ts";
