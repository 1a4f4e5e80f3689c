export { isWhole, KeyFileRefused, loadKeys, loadOrCreateKeys, replaceKeys } from "./keyFile.ts";
export {
  generateKeys,
  inUse,
  type KeyNeeds,
  type Keys,
  missingIn,
  partOf,
  platformOf,
  rotatable,
  type Rotated,
  rotateKeys,
  type WholeKeys,
} from "./keys.ts";
export { keyFilePollMs, openVault, type OpenVaultOptions } from "./openVault.ts";
export { createArgon2Passwords, type PasswordsOptions } from "./passwords.ts";
export { createVault } from "./vault.ts";
