/**
 * Where the products come from: Debian's packages for what it has, Maven Central for the JVM engines. What is there is
 * not asked for again; what cannot be installed is named with the command that installs it.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { folder } from "./settings.ts";

type Say = (line: string) => void;

/** Packages are installed one after the other: dpkg has one lock. */
let installing: Promise<unknown> = Promise.resolve();

/** `programs` are looked for in PATH and the folders of system programs; `packages` bring them. */
export async function debian(packages: readonly string[], programs: readonly string[], say: Say): Promise<void> {
  const mine = installing.catch(() => {}).then(() => install(packages, programs, say));
  installing = mine;
  await mine;
}

async function install(packages: readonly string[], programs: readonly string[], say: Say): Promise<void> {
  if (programs.every((program) => programPath(program))) return;
  const command = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  if (process.getuid?.() !== 0 || !Bun.which("apt-get")) {
    throw new Error(`${programs.join(", ")} not found. Install with:  sudo ${command}`);
  }
  say(`installing ${packages.join(", ")}`);
  const policy = "/usr/sbin/policy-rc.d";
  const ours = !existsSync(policy);
  // The distribution would start a server of its own on the standard port; 101 means "you may not".
  if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await $`apt-get update -qq`.quiet().nothrow();
    const result = await $`apt-get install -y -qq --no-install-recommends ${packages}`
      .env({ ...process.env, DEBIAN_FRONTEND: "noninteractive" })
      .quiet()
      .nothrow();
    if (result.exitCode !== 0) throw new Error(`\`${command}\` failed:\n${result.stderr.toString().slice(-2_000)}`);
  } finally {
    if (ours) rmSync(policy, { force: true });
    // Where systemd runs, nothing starts at the next boot either.
    if (Bun.which("systemctl")) await $`systemctl disable --now ${services(packages)}`.quiet().nothrow();
  }
}

const services = (packages: readonly string[]) =>
  packages.filter((name) => name.endsWith("-server")).map((name) => name.replace("mariadb-server", "mariadb"));

/** Servers lie in /usr/sbin, which is not in everybody's PATH. */
export function programPath(program: string): string | null {
  return Bun.which(program, { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin` });
}

/**
 * The jars that `poms/<name>.pom.xml` names, with all they depend on, as a class path. Downloads are kept in Maven's own
 * store; a stamp over the pom says that the copy in our folder is whole.
 */
export async function jars(name: string, say: Say): Promise<void> {
  await debian(["default-jre-headless"], ["java"], say);
  const pom = pomOf(name);
  const into = jarsOf(name);
  const stamp = join(into, "stamp");
  const wanted = createHash("sha256").update(readFileSync(pom)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  await debian(["maven"], ["mvn"], say);
  say("fetching its jars from Maven Central");
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const result = await $`mvn -B -q -f ${pom} dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=${into}`
    .quiet()
    .nothrow();
  if (result.exitCode !== 0) {
    throw new Error(`Maven could not fetch what ${pom} names:\n${result.stdout.toString().slice(-2_000)}`);
  }
  writeFileSync(stamp, wanted);
}

/** The command of a JVM that starts fast and stays small: one collector thread, the quick compiler only. */
export function java(options: { heapMb: number; classPath: readonly string[]; run: readonly string[] }): string[] {
  const fixed = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true"];
  return [programPath("java")!, `-Xmx${options.heapMb}m`, ...fixed, "-cp", options.classPath.join(":"), ...options.run];
}

export const jarsOf = (name: string): string => join(folder, "jars", name);
const pomOf = (name: string) => join(import.meta.dir, "poms", `${name}.pom.xml`);
