/** A command as somebody types it beside a platform: what it prints, and how it ends. */
import { spyOn } from "bun:test";
import { UsageError } from "../commands/command.ts";

type Runnable = { run(args: readonly string[]): Promise<number> };

export async function runInFolder(
  command: Runnable,
  dataDir: string,
  args: readonly string[],
): Promise<{ exit: number; text: string }> {
  const before = process.env["DATA_DIR"];
  process.env["DATA_DIR"] = dataDir;
  const said: string[] = [];
  const log = spyOn(console, "log").mockImplementation((line: string) => void said.push(line));
  try {
    const exit = await command.run(args);
    return { exit, text: said.join("\n") };
  } catch (error) {
    return { exit: error instanceof UsageError ? 2 : 1, text: (error as Error).message };
  } finally {
    log.mockRestore();
    if (before === undefined) delete process.env["DATA_DIR"];
    else process.env["DATA_DIR"] = before;
  }
}
