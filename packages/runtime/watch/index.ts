export { probeRole } from "./probe.ts";
export { createWatch, type Look, Stopped } from "./watch.ts";
