/** Who is logged in: the session is a cookie that scripts cannot see, and here is whom the platform says it belongs to. */
import { hasRight, type Right, type User } from "@chepiao/contracts";
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { ask, isRefused } from "./api.ts";

const meKey = ["me"] as const;

async function whoIsIt(): Promise<User | null> {
  try {
    return await ask("GET /api/user/me", {});
  } catch (error) {
    if (isRefused(error, "NotLoggedIn")) return null;
    throw error;
  }
}

/** `data` is null where nobody is logged in. */
export const useMe = () => useQuery({ queryKey: meKey, queryFn: whoIsIt, staleTime: 30_000 });

/** What his role may do: what it may not is refused by the platform, and is not shown to him here. */
export function useRight(right: Right): boolean {
  const { data } = useMe();
  return !!data && hasRight(data.role, right);
}

export function useLogin(): (username: string, password: string) => Promise<void> {
  const client = useQueryClient();
  return async (username, password) => {
    const { user } = await ask("POST /api/user/login", { body: { username, password } });
    forgetOthers(client);
    client.setQueryData(meKey, user);
  };
}

/** Nothing that was on the screen stays in memory. */
export function useLogout(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    try {
      await ask("POST /api/user/logout", {});
    } catch (error) {
      if (!isRefused(error, "NotLoggedIn")) throw error;
    }
    forgetOthers(client);
    client.setQueryData(meKey, null);
  };
}

const forgetOthers = (client: QueryClient) =>
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== meKey[0] });

/** Of a platform to practise with: a login that everybody may use; null on any other. */
export function demoLogin(): { readonly username: string; readonly password: string } | null {
  const [username, password] =
    document.querySelector<HTMLMetaElement>("meta[name=demo-login]")?.content.split(" ") ?? [];
  return username && password ? { username, password } : null;
}
