/** The files of the clone, for the tests that hold all of it against a rule. */
import { join } from "node:path";
import type { Repo } from "./tidy.ts";

const root = join(import.meta.dir, "..");

/** What git tracks or would track; in an unpacked archive without git, all but what .gitignore names. */
export async function readRepo(): Promise<Repo> {
  const listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const git = Bun.which("git") ? Bun.spawnSync(listing, { cwd: root }) : null;
  const ignored = /(^|\/)(node_modules|\.toolchain|\.engines|\.git|data)\/|^bench\/results\/|\.log$/;
  const paths = git?.success
    ? git.stdout.toString().split("\0").filter(Boolean)
    : [...new Bun.Glob("**/*").scanSync({ cwd: root, dot: true })].filter((path) => !ignored.test(path));
  const files = new Map<string, string>();
  for (const path of paths.map((each) => each.replaceAll("\\", "/")).sort()) {
    const file = Bun.file(join(root, path));
    // A file that git still tracks may already be deleted; pictures and other bytes hold no text to judge.
    if (!(await file.exists())) continue;
    const text = await file.text();
    files.set(path, text.includes("\0") ? "" : text);
  }
  return files;
}
