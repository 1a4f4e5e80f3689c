/**
 * The public authority that knows which name belongs to a document (design document 9.2.1, step 2). It is asked with name and number and
 * says whether they belong together; it never tells a name.
 */
import type { DocumentType } from "@chepiao/contracts";

export type Identity = {
  readonly name: string;
  readonly documentType: DocumentType;
  /** As it is kept: half-width, upper case, without spaces. */
  readonly documentNumber: string;
};

/** `unknown`: no document has that number. `notCovered`: documents of that kind are not known there, and are looked at by people. */
export const identityVerdicts = ["matches", "differs", "unknown", "notCovered"] as const;
export type IdentityVerdict = (typeof identityVerdicts)[number];

export type IdentityVerifier = {
  /**
   * Capitals and spaces of a name make no difference. Throws `ServiceUnavailable` where it is away or does not answer in time: then nothing
   * is known, and it may be asked again. Asking changes nothing.
   */
  verify(identity: Identity): Promise<IdentityVerdict>;
};

/** One way of writing a name. */
export const comparedName = (name: string): string =>
  name
    .normalize("NFKC")
    .replaceAll(/[\s·.]/gu, "")
    .toUpperCase();
