/**
 * Where the products come from: Debian's packages for what it has, Maven Central for the JVM engines. What is there is
 * not asked for again; what cannot be installed is named with the command that installs it.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { folder } from "./settings.ts";

type Say = (line: string) => void;

/** One at a time: dpkg has one lock, and Maven's store of downloads is not made for two. */
let queue: Promise<unknown> = Promise.resolve();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = queue.catch(() => {}).then(work);
  queue = mine;
  return mine;
}

/** `programs` are looked for where programs of the system lie; `packages` bring them. */
export async function debian(packages: readonly string[], programs: readonly string[], say: Say): Promise<void> {
  const areThere = () => programs.every((program) => programPath(program));
  if (!areThere()) await inTurn(async () => void (areThere() || (await install(packages, programs, say))));
}

async function install(packages: readonly string[], programs: readonly string[], say: Say): Promise<void> {
  const apt = programPath("apt-get");
  const options = ["install", "-y", "--no-install-recommends", ...packages];
  if (process.getuid?.() !== 0 || !apt) {
    throw new Error(`${programs.join(" and ")} are missing here. Install:  sudo apt-get ${options.join(" ")}`);
  }
  say(`installing ${packages.join(", ")}`);
  const allowServices = forbidServices();
  try {
    await $`${apt} update`.quiet().nothrow();
    const result = await $`${apt} ${options}`
      .env({ ...process.env, DEBIAN_FRONTEND: "noninteractive" })
      .quiet()
      .nothrow();
    const said = result.stderr.toString().slice(-2_000);
    if (result.exitCode !== 0) throw new Error(`apt-get ${options.join(" ")} failed:\n${said}`);
  } finally {
    allowServices();
    // Where systemd runs, the service that came with the package stays off at the next boot, too.
    const systemctl = programPath("systemctl");
    if (systemctl) await $`${systemctl} disable --now ${services(packages)}`.quiet().nothrow();
  }
}

/** Debian would start a server of its own on the standard port; an exit code of 101 here means "you may not". */
function forbidServices(): () => void {
  const policy = "/usr/sbin/policy-rc.d";
  if (existsSync(policy)) return () => {};
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return () => rmSync(policy, { force: true });
}

const services = (packages: readonly string[]) =>
  packages.filter((name) => name.endsWith("-server")).map((name) => name.replace("mariadb-server", "mariadb"));

/** Servers lie in /usr/sbin, which is not in everybody's PATH. */
export function programPath(program: string): string | null {
  return Bun.which(program, { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin` });
}

/**
 * The jars that `poms/<name>.pom.xml` names, with all they depend on. A stamp over the pom says that the copy in our
 * folder is whole and of these versions.
 */
export async function jars(name: string, say: Say): Promise<void> {
  await debian(["default-jre-headless"], ["java"], say);
  const stamp = join(jarsOf(name), "stamp");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === jarsVersion(name)) return;
  await debian(["maven"], ["mvn"], say);
  await inTurn(() => copyJars(name, say));
  writeFileSync(stamp, jarsVersion(name));
}

async function copyJars(name: string, say: Say): Promise<void> {
  say("fetching its jars from Maven Central");
  rmSync(jarsOf(name), { recursive: true, force: true });
  const store = `-Dmaven.repo.local=${join(folder, "maven")}`;
  const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${jarsOf(name)}`];
  const result = await $`${programPath("mvn")} -B -q ${store} -f ${pomOf(name)} ${goal}`.quiet().nothrow();
  if (result.exitCode === 0) return;
  throw new Error(`Maven could not fetch what ${pomOf(name)} names:\n${result.stdout.toString().slice(-2_000)}`);
}

/** Changes whenever the pom does. */
export const jarsVersion = (name: string): string =>
  createHash("sha256")
    .update(readFileSync(pomOf(name)))
    .digest("hex");

export const jarsOf = (name: string): string => join(folder, "jars", name);
const pomOf = (name: string) => join(import.meta.dir, "poms", `${name}.pom.xml`);

/** The command of a JVM that starts fast and stays small: one collector thread, the quick compiler only. */
export function java(options: { heapMb: number; classPath: readonly string[]; run: readonly string[] }): string[] {
  const fixed = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true"];
  return [programPath("java")!, `-Xmx${options.heapMb}m`, ...fixed, "-cp", options.classPath.join(":"), ...options.run];
}
