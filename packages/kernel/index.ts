export * from "./assert.ts";
export * from "./bitset.ts";
export type * from "./brand.ts";
export * from "./ids.ts";
export * from "./limits.ts";
export * from "./money.ts";
export * from "./prng.ts";
export * from "./result.ts";
export * from "./time.ts";
