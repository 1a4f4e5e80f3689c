/** What `npm run build` makes is the whole platform: alone in a folder, with nothing in its environment, it sells. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "chepiao-build-"));
const program = join(folder, "chepiao");
const environment = { HOME: folder, LANG: "C.UTF-8" };
afterAll(() => rmSync(folder, { recursive: true }));

async function run(command: readonly string[], env: Record<string, string> = environment) {
  const child = Bun.spawn([...command], { cwd: folder, env, stdout: "pipe", stderr: "pipe" });
  const [out, said] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, said: `${out}${said}` };
}

/** Where it says that it sells. */
async function siteOf(child: Bun.Subprocess, log: Bun.BunFile): Promise<string> {
  for (;;) {
    const said = await log.text();
    const [, url] = /^ +Site +(http:\S+?)\/?$/m.exec(said) ?? [];
    if (url) return url;
    if (child.exitCode !== null) throw new Error(`it ended before it sold: ${said}`);
    await Bun.sleep(50);
  }
}

test("one file alone in a folder is the whole platform: it makes a network, shows the site, sells by two threads, and ends when it is told", async () => {
  const built = await run([process.execPath, join(import.meta.dir, "build.ts"), "--out", program], {
    ...process.env,
  } as Record<string, string>);
  expect(built).toMatchObject({ code: 0 });
  expect(readdirSync(folder)).toEqual(["chepiao"]);

  const help = await run([program, "--help"]);
  expect(help.said).toContain("chepiao COMMAND --help");
  expect(help.said).not.toContain("npm ");

  const settings = { ...environment, PORT: "0", DATA_DIR: join(folder, "data"), WORKERS: "2" };
  const log = Bun.file(join(folder, "log"));
  const child = Bun.spawn([program, "serve"], { cwd: folder, env: settings, stdout: log, stderr: "inherit" });
  try {
    const url = await siteOf(child, log);
    const page = await (await fetch(url, { headers: { accept: "text/html" } })).text();
    const [, script] = /<script[^>]* src="([^"]+)"/.exec(page) ?? [];
    expect((await fetch(`${url}${script!}`)).headers.get("content-type")).toContain("javascript");
    const bought = await run([program, "buy", "--class", "second", "--url", url]);
    expect(bought.said).toContain("The whole road works.");
    expect(bought.code).toBe(0);
  } finally {
    child.kill();
  }
  expect(await child.exited).toBe(0);
});
