/**
 * Who is trusted at the other end of a connection, and who we are: certificates from files, names held against them, never a way back to
 * clear text. And what goes wrong with it, in words: drivers pass on what OpenSSL calls it.
 */
import { readFileSync } from "node:fs";
import { BadAddress, type TlsFiles } from "./address.ts";

/** As PEM: who is trusted where the address names nobody, and who we are. Without a CA those that the system trusts are. */
export type TlsIdentity = { readonly ca?: string; readonly cert?: string; readonly key?: string };

/** For `tls.connect`, and so for every driver. */
export type TlsOptions = TlsIdentity & { readonly minVersion: "TLSv1.2"; readonly rejectUnauthorized: true };

/** Null where the address is plain. Reads the files that it names. */
export function tlsFor({ tls }: { readonly tls: TlsFiles | null }, identity: TlsIdentity = {}): TlsOptions | null {
  if (tls === null) return null;
  const said = Object.entries(tls).map(([name, path]) => [name, pemIn(name, path)]);
  return { ...identity, ...Object.fromEntries(said), minVersion: "TLSv1.2", rejectUnauthorized: true };
}

function pemIn(name: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new BadAddress(`a file for ${name} that can be read: ${(error as Error).message}`);
  }
  if (!text.includes("-----BEGIN ")) throw new BadAddress(`a file for ${name} with PEM in it, which ${path} is not`);
  return text;
}

/** By the error's code or a part of its message. */
const troubles: readonly (readonly [RegExp, string])[] = [
  [
    /UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER|SELF_SIGNED_CERT|CERT_SIGNATURE_FAILURE|unable to verify the first|self[- ]signed certificate|unable to get (local )?issuer/i,
    "shows a certificate of an authority that is not trusted here: ca in its address, or ENGINE_CA_FILE, says who is",
  ],
  [
    /ALTNAME_INVALID|does not match certificate's altnames/i,
    "shows a certificate for another name than the one in its address",
  ],
  [/CERT_HAS_EXPIRED|certificate has expired/i, "shows a certificate that has expired"],
  [/CERT_NOT_YET_VALID|certificate is not yet valid/i, "shows a certificate that is not valid yet"],
  [
    /CERTIFICATE_REQUIRED|certificate[ _]required|HANDSHAKE_FAILURE|BAD_CERTIFICATE|alert[ _]unknown[ _]ca/i,
    "does not take our certificate, or asks for one: cert and key in its address, or ENGINE_CERT_FILE and ENGINE_KEY_FILE",
  ],
  [
    /WRONG_VERSION_NUMBER|HANDSHAKE_NO_SSL_SUPPORT|PACKET_LENGTH_TOO_LONG|TLS handshake failed|before secure TLS connection/i,
    "does not speak TLS at that port",
  ],
  [
    /SECURE_TRANSPORT_REQUIRED|insecure transport|Broker requires TLS|HTTP request to an HTTPS server/i,
    "speaks TLS alone, and its address does not say so",
  ],
  [/SASL authentication failed/i, "does not know this user or password"],
];
/** What a server that speaks TLS does with one who does not; others do so when they go. */
const brokeOff = /ECONNRESET|socket hang up|Connection (is )?closed|Socket closed/i;

/**
 * What is wrong between us and a server where it is TLS, to be put after its name; null where it is not.
 * @param plain the scheme that would be TLS, where we spoke in clear and had heard nothing yet
 */
export function tlsTrouble(error: unknown, plain: string | null = null): string | null {
  const said = saidIn(error).join("\n");
  const found = troubles.find(([form]) => form.test(said))?.[1];
  if (found !== undefined) return found;
  return plain !== null && brokeOff.test(said)
    ? `broke off; if it speaks TLS, its address begins with ${plain}://`
    : null;
}

const depthMax = 6;

/** Codes and messages of an error and of what it says caused it. */
function saidIn(error: unknown, depth = 0): readonly string[] {
  if (typeof error !== "object" || error === null || depth > depthMax) return [];
  const { code, message, cause, errors } = error as Readonly<Record<string, unknown>>;
  const own = [code, message].filter((each) => typeof each === "string");
  const causes = [cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])];
  return [...own, ...causes.flatMap((each) => saidIn(each, depth + 1))];
}
