/** Asks a platform by HTTP, and waits for what it comes to. */
import type { Problem } from "@chepiao/contracts";
import type { TestUser } from "./world.ts";

const pollMs = 50;

/** Asks until it is so; what was found last, where it was not so in time. */
export const untilWithin =
  (withinMs: number) =>
  async <T>(ask: () => Promise<T>, isThere: (found: T) => boolean): Promise<T> => {
    for (const end = Date.now() + withinMs; ; await Bun.sleep(pollMs)) {
      const found = await ask();
      if (isThere(found) || Date.now() > end) return found;
    }
  };

/** Each call is another purchase: it has a key of its own. Nobody is logged in where the user is null. */
export function createCaller(urlNow: () => string) {
  let keys = 0;
  return async function call<T>(
    user: Pick<TestUser, "token"> | null,
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T & Partial<Problem>> {
    const response = await fetch(`${urlNow()}${path}`, {
      method,
      headers: {
        ...(user ? { authorization: `Bearer ${user.token}` } : {}),
        "content-type": "application/json",
        "idempotency-key": `caller-${++keys}`,
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return JSON.parse((await response.text()) || "{}") as T & Partial<Problem>;
  };
}
