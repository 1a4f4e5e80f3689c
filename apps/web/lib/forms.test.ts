/** What people type into forms never gets into an address: those are kept in histories and in the logs of servers. */
import { expect, test } from "bun:test";

test("every form says that it is posted, should the browser ever send it itself", async () => {
  const found: string[] = [];
  for await (const path of new Bun.Glob("**/*.tsx").scan(`${import.meta.dir}/..`)) {
    const text = await Bun.file(`${import.meta.dir}/../${path}`).text();
    for (const [tag] of text.matchAll(/<form\b[^>]*/g)) if (!/\bmethod="post"/.test(tag)) found.push(`${path}: ${tag}`);
  }
  expect(found).toEqual([]);
});
