/** The machine's own disk. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { open, rename, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { epochMs } from "@chepiao/kernel";
import type { AppendFile, Disk } from "@chepiao/ports/disk";

export const systemDisk: Disk = {
  makeFolder: (folder) => void mkdirSync(folder, { recursive: true }),
  list: (folder) => readdirSync(folder).sort(),
  read: (path) => (existsSync(path) ? readFileSync(path) : null),
  changedAt: (path) => epochMs(statSync(path).mtimeMs),
  async open(path, which): Promise<AppendFile> {
    // Appending makes a file where there is none.
    if (which === "existing") statSync(path);
    const file = await open(path, which === "new" ? "ax" : "a");
    return {
      async append(bytes) {
        for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
      },
      sync: () => file.datasync(),
      truncate: (bytes) => file.truncate(bytes),
      bytes: async () => (await file.stat()).size,
      close: () => file.close(),
    };
  },
  truncate: truncateSync,
  // It holds up the thread, so that two that write the same file never meet.
  replace(path, content) {
    const file = openSync(`${path}.new`, "w");
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
    syncNames(dirname(path));
  },
  async replaceSoon(path, content) {
    await writeFile(`${path}.new`, content);
    await rename(`${path}.new`, path);
  },
  remove: unlink,
  syncNames,
};

function syncNames(folder: string) {
  const handle = openSync(folder, "r");
  fsyncSync(handle);
  closeSync(handle);
}
