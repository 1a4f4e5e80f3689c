export type { AppendFile, Disk } from "./disk.ts";
export { createMemoryDisk, type MemoryDisk } from "./disk.memory.ts";
