export { ArchiveRefused } from "./archive.ts";
export { createCsvSplitter, CsvError, type CsvRecord } from "./csv.ts";
export { englishNameOf } from "./english.ts";
export { greatCircleM } from "./distance.ts";
export { type Feed, type FeedOptions, type FeedRefused, readFeed } from "./feed.ts";
export { createProblems, type FeedError, type FeedWarning, type Problems, ReadingEnded } from "./problems.ts";
export { readCompositions, readFares, readRollingStock, type Fares, type RollingStock } from "./overrides.ts";
