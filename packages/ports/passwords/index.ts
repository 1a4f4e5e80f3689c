export type { Passwords } from "./passwords.ts";
export { createMemoryPasswords } from "./passwords.memory.ts";
