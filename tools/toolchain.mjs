/**
 * Makes sure that this clone has its Bun and its packages. Plain Node, no dependencies: nothing is installed yet.
 *
 * Bun comes as npm's package for one platform (`@oven/bun-linux-x64`, …), because the package `bun` itself needs an
 * install script, which newer npm does not run. Both steps leave a stamp when they are done and trust nothing without it,
 * so a run that was killed half-way is begun again. docs/decisions/0001 tells why.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const bunVersion = "1.4.5";

/** What npm must hand us for each platform, so that a changed or damaged package is refused. Changes with bunVersion. */
const integrityOf = {
  "linux-x64": "sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==",
  "linux-x64-baseline":
    "sha512-s8yMwYcFnnrA178gji0gZbkE2WVDej/Ti1x770oPfihxyRxSMNhGhiAQNXV53aDeraZxksdvKV/RAdQBCd0qPA==",
  "linux-x64-musl": "sha512-10QoW/YfTgnURaGEaHpJCiXjLI2e5iTtfVDaA5JKcyUzaa1cq6cVUY9/Uq5XkYzvtRjHLRe9Oj/lTDIQcxy8HQ==",
  "linux-x64-musl-baseline":
    "sha512-cWJhU8h0+MiUgpSt99sQhjxLIIosKEcKYdtKddohokUvAuN6jKOy7g7+QDTZTXtwHxz93wL3BX+L6wXVPDUH3A==",
  "linux-aarch64": "sha512-4BXmsSKnjOrlGWqZV4x/oWa7AVoR+B6lCXddMzOAXBIm3t50eslg9wb66gmtW1AamEQ1l1CDvmmruysEhqOWMg==",
  "linux-aarch64-musl":
    "sha512-XCNc+WvvMAdNNb+OWTogpy+N9wm62fkVeEVLb6how0RZhW5LPi6c7BlkeVCuWps7XjEl2saFpHFa20/1E+PAHg==",
  "darwin-x64": "sha512-qkLPMGHZM9NI6CeHTWwVezzmlo6cC4Ta7yUAjYIWXS366qQcOlcp75t2uZyiuVRBMPS0h9qE0tCcvCHGaFqjJg==",
  "darwin-x64-baseline":
    "sha512-zqfLA5A4B+hYMh5WYzYSot3uZ06FzhdP0OEwQisEzdirYtXGj5cQFlfy31BGfNsAsk1Gd/w/OxJ/jqqJ3cMclw==",
  "darwin-aarch64": "sha512-4MIFXHmctH2EhAxLXm2/qxNtv17dFtLJylvaOCsrgq6KSqHTs6eW5YSrJjRbJxYUJaR901fsN8JfZOa+CsWpWQ==",
  "windows-x64": "sha512-FNvply651vcE/GHgNWz6mZvhmkwBuu8Hw54oNzA+CQog+HW+542rXQmZqNHRkFxazD9L3xi+iTtvO3engAgJfw==",
  "windows-x64-baseline":
    "sha512-/U3Dc74uGqE6EUqef7mPtg9KwJs7iJH4JHRMfIZIn18MrJh6Xz4gVvWDXRvzCL2j8wPlTnJVyrO4n7Qq4uM7TQ==",
  "windows-aarch64": "sha512-MiPFZnBNDnBXgr1oONc5pizC4fOLjnIOfNkYdFEnWzLmoFTg86naZIG3SvS7d/GglpQSAnCKMAzSjI/TAckiRw==",
};

const fetchLimitMs = 10 * 60_000;
const stillHereEveryMs = 10_000;
const lockTouchMs = 5_000;
/** A lock whose owner has not touched it for this long, while we were watching, belongs to a process that is gone. */
const lockStaleMs = 30_000;

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const toolchain = join(root, ".toolchain");
const bunFolder = join(toolchain, `bun-${bunVersion}`);
const bunFile = join(bunFolder, process.platform === "win32" ? "bun.exe" : "bun");
const bunStamp = join(bunFolder, "stamp.json");
const modules = join(root, "node_modules");
const modulesStamp = join(modules, ".chepiao-stamp");
/** Stands while packages are being written: who finds it knows that node_modules cannot be trusted. */
const installing = join(toolchain, "installing");

/** Something the person at the keyboard can correct; shown without a stack. */
export class Trouble extends Error {
  constructor(message, advice) {
    super(message);
    this.advice = advice;
  }
}

/** Progress goes to stderr: stdout belongs to the program that is started. */
export const say = (line) => process.stderr.write(`chepiao: ${line}\n`);

/** The pinned Bun, fetched when it is missing or does not run. */
export async function ensureBun() {
  const given = process.env.CHEPIAO_BUN;
  if (given) {
    const found = versionOf(given);
    if (found === bunVersion) return given;
    throw new Trouble(
      `CHEPIAO_BUN must be Bun ${bunVersion}, and ${given} ${found ? `is ${found}` : "does not run"}.`,
      [],
    );
  }
  if (bunIsSound()) return bunFile;
  return withLock(async () => {
    if (!bunIsSound()) await fetchBun();
    return bunFile;
  });
}

/** The packages of bun.lock in node_modules, installed when the stamp of the last full install does not match. */
export async function ensurePackages(bun) {
  if (packagesAreSound()) return;
  await withLock(async () => {
    if (!packagesAreSound()) await installPackages(bun);
  });
}

// Bun

/** The packages that may run here, the likeliest first. Each is tried by running it, so a wrong guess costs only time. */
export function bunTargets(machine) {
  const system = { linux: "linux", darwin: "darwin", win32: "windows" }[machine.platform];
  const processor = { x64: "x64", arm64: "aarch64" }[machine.arch];
  if (!system || !processor) return [];
  const musl = system === "linux" && machine.musl ? "-musl" : "";
  const plain = `${system}-${processor}${musl}`;
  if (processor === "aarch64") return [plain];
  return machine.avx2 === false ? [`${plain}-baseline`] : [plain, `${plain}-baseline`];
}

/** `avx2: null` means that we could not tell. */
function thisMachine() {
  const { platform, arch } = process;
  const text = (...command) => spawnSync(command[0], command.slice(1), { encoding: "utf8" }).stdout ?? "";
  if (platform === "linux") {
    const musl = !glibcVersion();
    let flags = null;
    try {
      flags = fs.readFileSync("/proc/cpuinfo", "utf8");
    } catch {
      // A sandbox without /proc: the first package is tried and the next one follows if it does not run.
    }
    return { platform, arch, musl, avx2: flags && /\bavx2\b/.test(flags) };
  }
  if (platform === "darwin") {
    const apple = text("sysctl", "-n", "hw.optional.arm64").trim() === "1";
    const avx2 = /\bAVX2\b/i.test(text("sysctl", "-n", "machdep.cpu.leaf7_features"));
    return { platform, arch: apple ? "arm64" : arch, musl: false, avx2 };
  }
  return { platform, arch, musl: false, avx2: null };
}

function glibcVersion() {
  // Node 20 would otherwise look up names of open connections while it writes the report.
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime;
}

function versionOf(file) {
  const { status, stdout } = spawnSync(file, ["--version"], { encoding: "utf8", timeout: 20_000 });
  return status === 0 ? stdout.trim() : null;
}

/** The size finds a file that was cut short and still answers `--version`. */
function bunIsSound() {
  const stamp = readJson(bunStamp);
  const size = fs.statSync(bunFile, { throwIfNoEntry: false })?.size;
  return stamp !== null && size === stamp.size && versionOf(bunFile) === bunVersion;
}

async function fetchBun() {
  const machine = thisMachine();
  const targets = bunTargets(machine);
  if (targets.length === 0) {
    throw new Trouble(`There is no Bun ${bunVersion} for ${machine.platform} on ${machine.arch}.`, [
      "It runs on Linux, macOS and Windows, on x64 and arm64.",
    ]);
  }
  for (const name of fs.readdirSync(toolchain)) {
    if (name.startsWith("fetch-") || name.startsWith("bun-")) remove(join(toolchain, name));
  }
  for (const target of targets) {
    const folder = join(toolchain, `fetch-${process.pid}-${target}`);
    const startedMs = Date.now();
    say(`getting Bun ${bunVersion}, the runtime everything here runs on, through npm (${target}, about 50 MB, once)`);
    const file = await fetchTarget(target, folder);
    fs.chmodSync(file, 0o755);
    if (versionOf(file) === bunVersion) {
      fs.mkdirSync(bunFolder, { recursive: true });
      fs.renameSync(file, bunFile);
      fs.writeFileSync(bunStamp, JSON.stringify({ target, size: fs.statSync(bunFile).size }));
      remove(folder);
      say(`Bun ${bunVersion} is ready after ${seconds(startedMs)}`);
      return;
    }
    remove(folder);
    say(`${target} does not run on this machine`);
  }
  throw new Trouble(`No Bun ${bunVersion} from npm runs on this machine (tried ${targets.join(", ")}).`, [
    `If you have Bun ${bunVersion} from elsewhere: CHEPIAO_BUN=/path/to/bun npm start`,
  ]);
}

/** `npm ci` with a lock file written here: npm then checks the hash and asks nobody which version to take. */
async function fetchTarget(target, folder) {
  const name = `@oven/bun-${target}`;
  const dependencies = { [name]: bunVersion };
  const manifest = { name: "toolchain", version: "0.0.0", private: true };
  const packages = {
    "": { ...manifest, dependencies },
    [`node_modules/${name}`]: { version: bunVersion, integrity: integrityOf[target] },
  };
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(join(folder, "package.json"), JSON.stringify({ ...manifest, dependencies }));
  fs.writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ ...manifest, lockfileVersion: 3, packages }));

  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  const patience = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
  const [command, ...first] = npmCommand();
  const args = [...first, "ci", `--prefix=${folder}`, ...options, ...patience];
  const result = await run(command, args, folder, "still fetching Bun");
  const file = join(
    folder,
    "node_modules",
    "@oven",
    `bun-${target}`,
    "bin",
    target.startsWith("windows") ? "bun.exe" : "bun",
  );
  if (result.code === 0 && fs.existsSync(file)) return file;
  remove(folder);
  throw new Trouble(`npm could not bring ${name}@${bunVersion}. ${reasonOf(result.output)}`, [
    ...indented(result.output),
    "What you can do:",
    "  · see that `npm ping` works; a proxy or mirror is set with `npm config set proxy …` or `npm config set registry …`",
    "  · run the same command again: it begins where it is safe to begin",
    `  · or point to a Bun ${bunVersion} that you have: CHEPIAO_BUN=/path/to/bun npm start`,
  ]);
}

/** The npm that started us, else the one beside Node, else whatever `npm` means here. */
function npmCommand() {
  const given = process.env.npm_execpath ?? "";
  const beside = dirname(process.execPath);
  const places = [
    /npm-cli\.c?js$/.test(given) ? given : "",
    join(beside, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    join(beside, "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const script = places.find((place) => place && fs.existsSync(place));
  return script ? [process.execPath, script] : [process.platform === "win32" ? "npm.cmd" : "npm"];
}

// Packages

/** Changes whenever an install would bring something else. */
function packagesHash() {
  const hash = createHash("sha256").update(`${bunVersion} ${process.platform} ${process.arch}`);
  for (const name of ["bun.lock", "package.json"]) hash.update(fs.readFileSync(join(root, name)));
  return hash.digest("hex");
}

/** The stamp says that an install ended; a look at each direct dependency says that nobody took it away since. */
function packagesAreSound() {
  if (fs.existsSync(installing) || readText(modulesStamp) !== packagesHash()) return false;
  const { dependencies, devDependencies } = readJson(join(root, "package.json")) ?? {};
  const wanted = Object.entries({ ...dependencies, ...devDependencies });
  return wanted.every(([name, version]) => readJson(join(modules, name, "package.json"))?.version === version);
}

async function installPackages(bun) {
  const startedMs = Date.now();
  // Without a stamp of ours nobody can say how far an install came; then it is quicker to start clean than to find out.
  if (fs.existsSync(modules) && (fs.existsSync(installing) || !fs.existsSync(modulesStamp))) {
    say("node_modules was left half-finished: starting it again");
    const aside = join(toolchain, `fetch-${process.pid}-modules`);
    fs.renameSync(modules, aside);
    remove(aside);
  }
  say("installing the packages of bun.lock");
  fs.writeFileSync(installing, String(process.pid));
  remove(modulesStamp);
  const result = await run(bun, ["install", "--frozen-lockfile"], root, "still installing packages");
  if (result.code !== 0) {
    throw new Trouble(`Bun could not install the packages of bun.lock. ${reasonOf(result.output)}`, [
      ...indented(result.output),
      "What you can do:",
      "  · without network: connect and run the same command again; what has arrived is kept",
      "  · lock file and package.json differ: `node tools/run.mjs bun install`, then commit bun.lock",
    ]);
  }
  fs.mkdirSync(modules, { recursive: true });
  fs.writeFileSync(modulesStamp, packagesHash());
  remove(installing);
  if (!packagesAreSound()) {
    throw new Trouble(
      "Packages were installed, and still some are missing or of another version than package.json says.",
      ["Versions in package.json must be exact. `node tools/run.mjs bun install` and `git diff` show what differs."],
    );
  }
  say(`packages are ready after ${seconds(startedMs)}`);
}

// One at a time

/** Two runs in one clone wait for each other; the second finds the work done. */
async function withLock(work) {
  fs.mkdirSync(toolchain, { recursive: true });
  const file = join(toolchain, "lock");
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), nonce: Math.random() });
  await takeLock(file, mine);
  const release = () => readText(file) === mine && remove(file);
  const touch = setInterval(() => fs.utimes(file, new Date(), new Date(), () => {}), lockTouchMs);
  process.on("exit", release);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    process.off("exit", release);
    release();
  }
}

async function takeLock(file, mine) {
  let seen = "";
  let unchangedMs = 0;
  for (let waits = 0; ; waits++) {
    try {
      fs.writeFileSync(file, mine, { flag: "wx" });
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw new Trouble(`Cannot write in ${toolchain}: ${error.message}`, []);
    }
    if (waits === 4) say("another run is setting up this clone: waiting for it");
    const text = readText(file) ?? "";
    const now = `${text} ${fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs}`;
    unchangedMs = now === seen ? unchangedMs + 250 : 0;
    seen = now;
    if (ownerIsGone(text) || unchangedMs > lockStaleMs) stealLock(file, text);
    else await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function ownerIsGone(text) {
  let owner;
  try {
    owner = JSON.parse(text);
  } catch {
    return false;
  }
  if (owner.host !== hostname()) return false;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

/** Renaming takes the file from all but one of those who judged it stale. Took a fresh one by mistake? Put it back. */
function stealLock(file, judged) {
  const taken = `${file}.${process.pid}`;
  try {
    fs.renameSync(file, taken);
    if (readText(taken) !== judged) fs.linkSync(taken, file);
  } catch {
    // Somebody else was quicker, and the next turn of the loop sees what they did.
  }
  remove(taken);
}

// Small helpers

/** Runs to the end, keeps what was said for the case of failure, and gives a sign of life meanwhile. */
function run(command, args, cwd, stillHere) {
  const startedMs = Date.now();
  const shell = command.endsWith(".cmd");
  const child = spawn(command, args, { cwd, shell, stdio: ["ignore", "pipe", "pipe"], timeout: fetchLimitMs });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const timer = setInterval(() => say(`${stillHere} (${seconds(startedMs)})`), stillHereEveryMs);
  const stop = (signal) => {
    child.kill(signal);
    process.exit(signal === "SIGINT" ? 130 : 143);
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return new Promise((resolve) => {
    const end = (code) => {
      clearInterval(timer);
      process.off("SIGINT", stop).off("SIGTERM", stop);
      resolve({ code, output });
    };
    child.on("error", (error) => {
      output += `${command}: ${error.message}`;
      end(1);
    });
    child.on("close", (code) => end(code ?? 1));
  });
}

function reasonOf(output) {
  const unreachable =
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ConnectionRefused/;
  if (/EINTEGRITY|IntegrityCheckFailed/i.test(output)) return "What arrived is not what this repository pins.";
  if (/ENOSPC|NoSpaceLeft/.test(output)) return "The disk is full.";
  if (/\bE404\b/.test(output)) return "The registry that npm is set to does not have it.";
  if (/CERT|SELF_SIGNED/i.test(output)) return "The registry's certificate is not trusted here.";
  if (unreachable.test(output) || /FailedToOpenSocket|socket|network|timed? ?out/i.test(output)) {
    return "The network, or the registry that npm is set to, cannot be reached.";
  }
  return "It said:";
}

/** The first lines name the cause; what follows is mostly stack and repetition. */
const indented = (output) => {
  const noise = /^npm warn|^npm (error|ERR!)\s+at |^bun install v/i;
  const lines = output.split("\n").filter((line) => line.trim() !== "" && !noise.test(line));
  return lines
    .slice(0, 8)
    .map((line) => `  | ${line}`)
    .concat(lines.length > 8 ? [`  | … ${lines.length - 8} more`] : []);
};

const seconds = (sinceMs) => `${((Date.now() - sinceMs) / 1_000).toFixed(1)} s`;
const remove = (path) => fs.rmSync(path, { recursive: true, force: true, maxRetries: 3 });

function readText(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}
