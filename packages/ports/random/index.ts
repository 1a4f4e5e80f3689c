export { createSeededRandom, type Random } from "./random.ts";
