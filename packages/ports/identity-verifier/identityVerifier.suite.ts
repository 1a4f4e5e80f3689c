/** The rules of a register that knows which name belongs to a document. */
import { expect, test } from "bun:test";
import { ServiceUnavailable } from "@chepiao/contracts";
import type { Identity, IdentityVerifier } from "./identityVerifier.ts";

export type IdentitySubject = {
  readonly verifier: IdentityVerifier;
  /** A person it knows, with a name of Latin letters and a space. */
  readonly known: Identity;
  /** A number that nobody has. */
  readonly nobody: Identity;
  /** It stops answering. */
  leave(): void;
};

export function identityVerifierSuite(adapter: string, create: () => Promise<IdentitySubject> | IdentitySubject): void {
  test(`${adapter}: the name of a document's holder matches however it is spaced, and another's differs`, async () => {
    const { verifier, known } = await create();
    expect(await verifier.verify(known)).toBe("matches");
    expect(await verifier.verify({ ...known, name: ` ${known.name.toLowerCase().replace(" ", "  ")}` })).toBe(
      "matches",
    );
    expect(await verifier.verify({ ...known, name: "Somebody Else" })).toBe("differs");
    expect(await verifier.verify(known)).toBe("matches");
  });

  test(`${adapter}: a number that nobody has is unknown`, async () => {
    const { verifier, nobody } = await create();
    expect(await verifier.verify(nobody)).toBe("unknown");
  });

  test(`${adapter}: while it does not answer nothing is known, and nobody is refused`, async () => {
    const { verifier, known, leave } = await create();
    leave();
    expect(await verifier.verify(known).catch((error: unknown) => error)).toBeInstanceOf(ServiceUnavailable);
  });
}
