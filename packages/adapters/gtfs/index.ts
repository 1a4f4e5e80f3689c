export { ArchiveRefused } from "./archive.ts";
export { greatCircleM } from "./distance.ts";
export { type Feed, type FeedOptions, type FeedRefused, readFeed } from "./feed.ts";
export { createProblems, type FeedError, type FeedWarning } from "./problems.ts";
export { readCompositions, readFares, readRollingStock, type RollingStock } from "./overrides.ts";
