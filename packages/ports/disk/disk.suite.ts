/** The rules of a disk. */
import { expect, test } from "bun:test";
import type { Disk } from "./disk.ts";

export function diskSuite(adapter: string, create: () => { readonly disk: Disk; readonly folder: string }): void {
  const bytes = (text: string) => Buffer.from(text);

  test(`${adapter}: what is appended is read at once, behind what was there`, async () => {
    const { disk, folder } = create();
    const file = await disk.open(`${folder}/a`, "new");
    await file.append(bytes("one "));
    await file.append(bytes("two"));
    expect(disk.read(`${folder}/a`)?.toString()).toBe("one two");
    expect(await file.bytes()).toBe(7);
    await file.sync();
    await file.close();
    const again = await disk.open(`${folder}/a`, "existing");
    await again.append(bytes(" three"));
    await again.close();
    expect(disk.read(`${folder}/a`)?.toString()).toBe("one two three");
  });

  test(`${adapter}: a new file does not take the place of another, and nothing is read where nothing is`, async () => {
    const { disk, folder } = create();
    await (await disk.open(`${folder}/a`, "new")).close();
    expect(disk.open(`${folder}/a`, "new")).rejects.toThrow();
    expect(disk.open(`${folder}/b`, "existing")).rejects.toThrow();
    expect(disk.read(`${folder}/b`)).toBeNull();
  });

  test(`${adapter}: a file is cut where it is said, and goes on there`, async () => {
    const { disk, folder } = create();
    const file = await disk.open(`${folder}/a`, "new");
    await file.append(bytes("one two"));
    await file.truncate(4);
    await file.append(bytes("2"));
    await file.close();
    disk.truncate(`${folder}/a`, 1);
    expect(disk.read(`${folder}/a`)?.toString()).toBe("o");
  });

  test(`${adapter}: a folder lists the names that are in it, in order`, async () => {
    const { disk, folder } = create();
    disk.makeFolder(folder);
    disk.makeFolder(folder);
    expect(disk.list(folder)).toEqual([]);
    disk.replace(`${folder}/b`, "1");
    await disk.replaceSoon(`${folder}/a`, "2");
    disk.replace(`${folder}/b`, "3");
    expect([disk.list(folder), disk.read(`${folder}/b`)?.toString()]).toEqual([["a", "b"], "3"]);
    await disk.remove(`${folder}/a`);
    disk.syncNames(folder);
    expect(disk.list(folder)).toEqual(["b"]);
  });
}
