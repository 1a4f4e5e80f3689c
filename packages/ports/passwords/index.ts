import { port } from "@chepiao/ports/port";
import type { Passwords } from "./passwords.ts";

export type { Passwords, PasswordTurn } from "./passwords.ts";
export { createMemoryPasswords } from "./passwords.memory.ts";

export const passwordsPort = port<Passwords>("passwords");
