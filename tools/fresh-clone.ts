/**
 * What a stranger does: clone, `npm start`, look, stop, start again. Run by .ci/run, and by hand with
 * `node tools/run.mjs bun tools/fresh-clone.ts`. It clones what is committed, so uncommitted work is not seen.
 *
 * Each step is one line, so that a failure says how far the stranger came.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const root = join(import.meta.dir, "..");
/** The first start fetches Bun and the packages; on a slow line that is most of the time. */
const firstReadyLimitMs = 300_000;
const nextReadyLimitMs = 30_000;
const stopLimitMs = 30_000;
const refusalLimitMs = 30_000;

const viaNpm = ["npm", "start"];
const direct = ["node", "tools/run.mjs", "start"];
/** npm's own answer where the shell it put in front of us died of the signal; the server behind ends in order. */
const killedByTerm = 143;

type Started = {
  child: Bun.Subprocess;
  said: () => string;
  /** All that hold the output are gone: npm, its shell, our runner and the server. */
  closed: Promise<unknown>;
};

const place = await mkdtemp(join(tmpdir(), "chepiao-fresh-"));
const clone = join(place, "clone");
const dataDir = join(place, "data");
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const running: Bun.Subprocess[] = [];
let first: Started | null = null;
let passed = 0;
let failure: unknown = null;

try {
  await step("git clone", cloneHere);
  await step("npm start answers /readyz", async () => (first = await startReady(viaNpm, firstReadyLimitMs)));
  await step("/api/search/stations?q=beijing answers JSON", search);
  await step("the road by curl in the README works to the letter", walkReadme);
  await step("a second server on the same port refuses clearly and fails", secondOnSamePort);
  await step("SIGTERM to npm ends the server", () => stop(first!, [0, killedByTerm]));
  await step("it starts again on the same data", async () => (first = await startReady(direct, nextReadyLimitMs)));
  await step("and answers as before", search);
  await step("SIGTERM ends it with exit code 0", () => stop(first!, [0]));
} catch (error) {
  failure = error;
} finally {
  for (const child of running) if (child.exitCode === null) child.kill("SIGKILL");
  await rm(place, { recursive: true, force: true });
}
if (failure) console.log(failure instanceof Error ? failure.message : JSON.stringify(failure));
console.log(`${passed} passed, ${failure ? 1 : 0} failed`);
process.exit(failure ? 1 : 0);

async function step(name: string, work: () => Promise<unknown>): Promise<void> {
  const startedMs = performance.now();
  const seconds = () => `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`;
  try {
    await work();
  } catch (error) {
    console.log(`FAIL  ${name} (${seconds()})`);
    throw error;
  }
  passed += 1;
  console.log(`pass  ${name} (${seconds()})`);
}

async function cloneHere(): Promise<void> {
  // In a container the checkout often belongs to another user; cloning it reads and does not run anything of theirs.
  const git = Bun.spawn(["git", "-c", "safe.directory=*", "clone", "--quiet", root, clone], { stderr: "pipe" });
  if ((await git.exited) !== 0) throw new Error(`git clone: ${await new Response(git.stderr).text()}`);
}

function start(command: string[], ownDataDir = dataDir): Started {
  const env: Record<string, string | undefined> = { ...process.env, PORT: String(port), DATA_DIR: ownDataDir };
  // The stranger has the Bun that the clone fetches, and not ours.
  delete env["CHEPIAO_BUN"];
  env["PATH"] = env["PATH"]
    ?.split(delimiter)
    .filter((path) => !path.startsWith(root))
    .join(delimiter);
  const child = Bun.spawn(command, { cwd: clone, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  running.push(child);
  let text = "";
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  };
  return { child, said: () => text, closed: Promise.all([collect(child.stdout), collect(child.stderr)]) };
}

async function startReady(command: string[], limitMs: number): Promise<Started> {
  const server = start(command);
  const endMs = performance.now() + limitMs;
  while (performance.now() < endMs) {
    if (server.child.exitCode !== null) {
      throw new Error(`${command.join(" ")} ended with ${server.child.exitCode}:\n${server.said()}`);
    }
    const ready = await fetch(`${url}/readyz`).catch(() => null);
    if (ready?.ok) return server;
    await Bun.sleep(200);
  }
  throw new Error(`not ready after ${limitMs / 1_000} s:\n${server.said()}`);
}

async function search(): Promise<void> {
  const answer = await fetch(`${url}/api/search/stations?q=beijing`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status}: ${text.slice(0, 400)}`);
  const found: unknown = JSON.parse(text);
  if (typeof found !== "object" || found === null || !/beijing|北京/i.test(text)) {
    throw new Error(`Beijing is not found: ${text.slice(0, 400)}`);
  }
}

/** The block of the README that begins with the address of the API, run by bash in the clone. */
async function walkReadme(): Promise<void> {
  const readme = await Bun.file(join(clone, "README.md")).text();
  const block = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].find(([, text]) => text!.startsWith("api="))?.[1];
  if (!block) throw new Error("the README has no block that begins with api=");
  const script = block.replace("http://localhost:8080", url);
  const bash = Bun.spawn(["bash", "-c", script], { cwd: clone, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([new Response(bash.stdout).text(), new Response(bash.stderr).text()]);
  const missing = ["pendingPayment", "ticketed", "✓ Valid", "refunded"].filter((word) => !out.includes(word));
  if (missing.length > 0) throw new Error(`it never said ${missing.join(", ")}:\n${out}\n${err}`);
}

async function secondOnSamePort(): Promise<void> {
  // On data of its own: on the same data it would be refused for that.
  const second = start(viaNpm, `${dataDir}-second`);
  const code = await endOf(second, refusalLimitMs);
  if (code === 0) throw new Error(`it ended with exit code 0:\n${second.said()}`);
  if (!second.said().includes(String(port))) throw new Error(`it does not name the port:\n${second.said()}`);
  if (/\n\s+at .*:\d+:\d+/.test(second.said())) throw new Error(`a stack is not a clear refusal:\n${second.said()}`);
  if (!(await fetch(`${url}/readyz`)).ok) throw new Error("the first server suffered from the second");
}

async function stop(server: Started, codes: readonly number[]): Promise<void> {
  server.child.kill("SIGTERM");
  const code = await endOf(server, stopLimitMs);
  if (!codes.includes(code)) throw new Error(`it ended with exit code ${code}:\n${server.said()}`);
  const closed = await Promise.race([server.closed, Bun.sleep(stopLimitMs).then(() => null)]);
  const answers = await fetch(`${url}/readyz`).catch(() => null);
  if (!closed || answers) throw new Error(`the command is gone, and the server is still there:\n${server.said()}`);
}

async function endOf({ child, said }: Started, limitMs: number): Promise<number> {
  const late = Bun.sleep(limitMs).then(() => null);
  const code = await Promise.race([child.exited, late]);
  if (code === null) throw new Error(`it still runs after ${limitMs / 1_000} s:\n${said()}`);
  return code;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
