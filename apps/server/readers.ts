/** What settings of this program may say, besides what rooms know (`@chepiao/room`). */
import {
  type AddressForm,
  addressForms,
  BadAddress,
  readAddress,
  readAddresses,
  tlsFor,
} from "@chepiao/adapters/engine-address";
import { BadSetting, oneOf } from "@chepiao/room";
import { type LogLevel, logLevels } from "@chepiao/runtime";

export const logLevel: (value: string) => LogLevel = oneOf(...logLevels);

const list = (value: string) =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** Where replicas of a role listen: `http://10.0.0.5:8081,http://10.0.0.6:8081`. */
export const addresses = (value: string): readonly string[] =>
  list(value).map((part) => {
    const url = URL.canParse(part) ? new URL(part) : null;
    if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== "" || url.username !== "") {
      throw new BadSetting("addresses such as http://10.0.0.5:8081, separated by commas");
    }
    return url.origin;
  });

/** The address of an engine, which may hold a password: that it can be understood, with the files that it names. */
export const engineUrl =
  (form: AddressForm) =>
  (value: string): string => {
    understood(() => tlsFor(readAddress(value, form)));
    return value;
  };

export const engineUrls = (form: AddressForm) => (value: string) => list(value).map(engineUrl(form));

/** Some servers of one engine: `10.0.0.5:6379,10.0.0.6:6379`, or an address each. */
export const engineNodes =
  (form: AddressForm) =>
  (value: string): readonly string[] => {
    const nodes = list(value);
    understood(() => tlsFor(readAddresses(nodes, form)));
    return nodes;
  };

function understood(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    throw error instanceof BadAddress ? new BadSetting(error.message) : error;
  }
}

/** Where an identity verifier is asked. Who we are is said by signatures, and by a certificate where it wants one. */
export function verifierUrl(value: string): string {
  const url = engineUrl(addressForms.identity)(value);
  const { username, password } = new URL(url);
  if (username + password !== "") throw new BadSetting(`${addressForms.identity.example}, without a user`);
  return url;
}

/** `Tickets <noreply@tickets.example>`; a name is what readers of mail show. */
export function mailSender(value: string): { readonly name: string; readonly address: string } {
  const [, name = "", inBrackets, alone] = /^(?:([^<>"\r\n]*)<([^<>]+)>|([^<>]+))$/.exec(value.trim()) ?? [];
  const address = (inBrackets ?? alone ?? "").trim();
  if (!/^[\w.+-]+@[a-z\d-]+(\.[a-z\d-]+)+$/i.test(address))
    throw new BadSetting("an address such as noreply@tickets.example, or Tickets <noreply@tickets.example>");
  return { name: name.trim(), address };
}

/** A key for signatures that two parties share; at its end a file may have a line break, and a key none. */
export function sharedKey(value: string): string {
  if (!/^[\x21-\x7e]{32,512}$/.test(value))
    throw new BadSetting("32 to 512 letters, digits and signs without spaces, such as openssl rand -hex 32 makes");
  return value;
}

/** Certificates or a key, as they are; a file of them by the setting's name with `_FILE`. */
export const pem =
  (what: "CERTIFICATE" | "PRIVATE KEY") =>
  (value: string): string => {
    if (!new RegExp(`-----BEGIN (\\w+ )?${what}-----`).test(value))
      throw new BadSetting(`PEM with a ${what.toLowerCase()}`);
    return value;
  };

/** A password inside an address, as it may be shown: rather too little of it than too much. */
export const withoutPassword = (value: string): string =>
  value.startsWith("-----BEGIN ") ? "PEM" : value.replace(/(:\/\/[^/:@]*):.*@/, "$1:***@");
