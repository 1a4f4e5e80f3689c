export { probeRole } from "./probe.ts";
export { createWatch, type Probe, Stopped } from "./watch.ts";
