/**
 * Bun lets one process have 256 requests of `fetch` under way and makes the rest wait, however slow the others are: one role that
 * hangs, or a few hundred followers of orders, would silence a gateway. The limit is read from the environment when a process
 * begins, so a process that asks others begins again with a higher one: the same process, with its signals and its number.
 */
const limit = "65336";
const name = "BUN_CONFIG_MAX_HTTP_REQUESTS";

/** Does not return where the limit has to be raised. False where it cannot be raised on this system. */
export function allowManyRequests(): boolean {
  if (process.env[name] !== undefined) return true;
  if (process.platform === "win32" || process.execve === undefined) return false;
  // One file that is the program knows what to run without being told.
  const told = Bun.isStandaloneExecutable ? process.argv.slice(2) : [...process.execArgv, ...process.argv.slice(1)];
  const args = [process.execPath, ...told];
  return process.execve(process.execPath, args, { ...process.env, [name]: limit });
}
