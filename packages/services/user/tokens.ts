/**
 * Session tokens: `cps_` + seal (16 hex digits) + slot (3) + 32 random bytes. The seal lets a made-up token be refused without
 * asking the store; the slot leads to the user's shard. The store keeps a keyed hash, so a stolen table logs nobody in.
 */
import type { UserId } from "@chepiao/kernel";
import type { Random } from "@chepiao/ports/random";
import { slotPrefix } from "@chepiao/ports/session-store";
import { userSlotOf } from "@chepiao/ports/user-store";
import type { Vault } from "@chepiao/ports/vault";

const randomBytes = 32;
const form = /^cps_([0-9a-f]{16})(([0-9a-f]{3})[A-Za-z0-9_-]{43,64})$/;

/** The store and the API allow 64. */
const idLength = 63;

const sealOf = (vault: Vault, body: string) => vault.fingerprint(`token:${body}`).slice(0, 16);
const idOf = (vault: Vault, slot: string, body: string) =>
  (slot + vault.fingerprint(`session:${body}`)).slice(0, idLength);

export type NewToken = { readonly token: string; readonly sessionId: string };

export function newToken(vault: Vault, random: Random, userId: UserId): NewToken {
  const slot = slotPrefix(userSlotOf(userId));
  const body = slot + random.token(randomBytes);
  return { token: `cps_${sealOf(vault, body)}${body}`, sessionId: idOf(vault, slot, body) };
}

/** The session a token would belong to, or null where we never gave it out. */
export function sessionIdOf(vault: Vault, token: string): string | null {
  const match = form.exec(token);
  if (!match) return null;
  const [, seal, body, slot] = match;
  return seal === sealOf(vault, body!) ? idOf(vault, slot!, body!) : null;
}
