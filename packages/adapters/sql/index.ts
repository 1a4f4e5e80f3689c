export { migrate } from "./migrate.ts";
export type { Tables } from "./tables.ts";
