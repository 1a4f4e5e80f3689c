export { generateKeys, type Keys, loadOrCreateKeys, rotateKeys } from "./keys.ts";
export { createArgon2Passwords, type PasswordsOptions } from "./passwords.ts";
export { createVault } from "./vault.ts";
