/**
 * The seed of a draw: it follows from the id of its queue by a secret of the platform, so that it lies nowhere before the draw, and who reads the
 * database cannot know it.
 */
import { macBy, type Vault } from "@chepiao/ports/vault";

export const seedsSecret = "queue seeds";

/** By the id of the queue: 64 hexadecimal digits. */
export const seedsBy = (vault: Pick<Vault, "secret">): ((queueId: string) => string) => macBy(vault, seedsSecret);
