/**
 * The keys of a platform, whole or the part of them that a role is given, and how they are made, replaced and shared out. Nothing here
 * touches a file.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, hkdfSync, randomBytes } from "node:crypto";
import type { TicketKey } from "@chepiao/contracts";
import type { EpochMs } from "@chepiao/kernel";

/** A key is known to every process before any of them uses it. */
type Dated = {
  /** From when it seals or signs; where it is missing, it always did. */
  readonly usedFrom?: EpochMs;
};
export type SealingKey = Dated & { readonly keyId: string; /** 32 bytes, base64. */ readonly key: string };
export type SigningKey = Dated & { readonly keyId: string; readonly privateKeyPem: string };

/** What a process holds; what is missing was not given to its role. Newest keys first. */
export type Keys = {
  /** The newest whose time has come seals; all of them open. */
  readonly sealing?: readonly SealingKey[];
  /** 32 bytes, base64. For life: lookups compare what it made years ago. */
  readonly fingerprint?: string;
  /** The newest whose time has come signs; all of them verify. */
  readonly signing?: readonly SigningKey[];
  /** What codes are checked with, where there is nothing to sign them with. */
  readonly publicKeys?: readonly (Dated & TicketKey)[];
  /** 32 bytes, base64: what processes show each other is derived from it. */
  readonly secretRoot?: string;
  /** Of those derived, the ones that a role is given: by label, hexadecimal. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Whom this part was made for; missing where these are the platform's keys themselves. */
  readonly roles?: readonly string[];
  /** Whose part it is: the same for all parts of one platform's keys, whatever was replaced in them. */
  readonly platform?: string;
};
export type WholeKeys = Required<Pick<Keys, "sealing" | "fingerprint" | "signing">> & Pick<Keys, "secretRoot">;

/** What a role is given, beside what everybody may know. */
export type KeyNeeds = {
  readonly sealing?: boolean;
  readonly fingerprint?: boolean;
  readonly signing?: boolean;
  readonly publicKeys?: boolean;
  /** Labels of what it shows to others or others to it. */
  readonly secrets: readonly string[];
};

const keyBytes = 32;
const newKey = () => randomBytes(keyBytes).toString("base64");
const newKeyId = (kind: string) => `${kind}${randomBytes(4).toString("hex")}`;
const newSealingKey = (): SealingKey => ({ keyId: newKeyId("s"), key: newKey() });
function newSigningKey(): SigningKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { keyId: newKeyId("t"), privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

export const generateKeys = (): WholeKeys => ({
  sealing: [newSealingKey()],
  fingerprint: newKey(),
  signing: [newSigningKey()],
  secretRoot: newKey(),
});

export const rotatable = ["sealing", "signing", "secrets"] as const;
export type Rotated = (typeof rotatable)[number];

export type Rotation = {
  /** When the new keys begin to be used, and are only known until then; at once where it is left out. */
  readonly usedFrom?: EpochMs;
  readonly kinds?: readonly Rotated[];
};

/**
 * New keys in front, the old ones kept: what they sealed and signed stays valid. What is derived for calls between processes has no past:
 * there the old is gone.
 */
export function rotateKeys(keys: WholeKeys, { usedFrom, kinds = ["sealing", "signing"] }: Rotation = {}): WholeKeys {
  const dated = usedFrom === undefined ? {} : { usedFrom };
  return {
    ...keys,
    ...(kinds.includes("sealing") ? { sealing: [{ ...newSealingKey(), ...dated }, ...keys.sealing] } : {}),
    ...(kinds.includes("signing") ? { signing: [{ ...newSigningKey(), ...dated }, ...keys.signing] } : {}),
    ...(kinds.includes("secrets") ? { secretRoot: newKey() } : {}),
  };
}

/** The newest whose time has come; the oldest where a clock went back before all of them. */
export const inUse = <K extends Dated>(keys: readonly K[], now: number): K =>
  keys.find(({ usedFrom = 0 as EpochMs }) => usedFrom <= now) ?? keys.at(-1)!;

/** HKDF-SHA-256 (RFC 5869), the label as its info. Files of an older version have no root: there the fingerprint key is it. */
export const secretOf = (
  { secretRoot, fingerprint }: Pick<WholeKeys, "secretRoot" | "fingerprint">,
  label: string,
): string =>
  Buffer.from(
    hkdfSync("sha256", Buffer.from(secretRoot ?? fingerprint, "base64"), "", `chepiao secret ${label}`, keyBytes),
  ).toString("hex");

export const publicKeyOf = ({ keyId, privateKeyPem, usedFrom }: SigningKey): Dated & TicketKey => ({
  keyId,
  publicKeyPem: createPublicKey(createPrivateKey(privateKeyPem)).export({ type: "spki", format: "pem" }).toString(),
  ...(usedFrom === undefined ? {} : { usedFrom }),
});

/** The part of the keys that these roles are given, and nothing from which the rest would follow. */
export const partOf = (keys: WholeKeys, roles: readonly string[], needs: KeyNeeds): Keys => ({
  roles,
  platform: platformOf(keys),
  ...(needs.sealing ? { sealing: keys.sealing } : {}),
  ...(needs.fingerprint ? { fingerprint: keys.fingerprint } : {}),
  ...(needs.signing ? { signing: keys.signing } : {}),
  ...(needs.publicKeys && !needs.signing ? { publicKeys: keys.signing.map(publicKeyOf) } : {}),
  secrets: Object.fromEntries(needs.secrets.map((label) => [label, secretOf(keys, label)])),
});

/** What is needed and not there, in words. */
export const missingIn = (keys: Keys, needs: KeyNeeds): readonly string[] => [
  ...(needs.sealing && !keys.sealing ? ["the sealing keys"] : []),
  ...(needs.fingerprint && !keys.fingerprint ? ["the fingerprint key"] : []),
  ...(needs.signing && !keys.signing ? ["the signing keys"] : []),
  ...(needs.publicKeys && !keys.signing && !keys.publicKeys ? ["the public keys"] : []),
  ...needs.secrets
    .filter((label) => keys.roles && keys.secrets?.[label] === undefined)
    .map((label) => `the secret "${label}"`),
];

/** A name, from which no key follows; the one that never changes makes it. */
export const platformOf = ({ platform, fingerprint }: Keys): string =>
  platform ?? secretOf({ fingerprint: fingerprint! }, "name of the platform").slice(0, 16);

/** Has the newer everything that the older opens with? Otherwise it is another platform's, or lost something. */
export function succeeds(newer: Keys, older: Keys): boolean {
  const ids = new Set(newer.sealing?.map(({ keyId }) => keyId));
  return platformOf(newer) === platformOf(older) && (older.sealing ?? []).every(({ keyId }) => ids.has(keyId));
}
