/**
 * Keeps secrets and people's documents out of the log: by the name of a field, and by the look of a text. It is the last
 * fence, not the first: what must not be logged should not be handed to the logger.
 */
const hidden = "[hidden]";

/** Compared without case, hyphens and underscores. */
const secretName =
  /password|passwd|secret|token|authorization|cookie|signature|privatekey|documentnumber|documentsealed|documenthash|idcard|idnumber|captcha|apikey/;

/** A name that speaks of a secret without being one. */
const harmlessName = /^(tokencount|tokentype)$/;

export const isSecretName = (name: string): boolean => {
  const plain = name.toLowerCase().replace(/[-_]/g, "");
  return secretName.test(plain) && !harmlessName.test(plain);
};

/** Resident identity number: area, birth date, sequence, check character. */
const residentId = /(?<!\d)\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])/g;
/** Passports and permits as China issues or accepts them: one or two letters and 7 to 10 digits. Order numbers are longer. */
const travelDocument = /(?<![A-Za-z0-9])[A-Za-z]{1,2}\d{7,10}(?![A-Za-z0-9])/g;
/** Of the mainland as they are dialled there; all others with their country's code. */
const mobileNumber = /(?<!\d)1[3-9]\d{9}(?!\d)|(?<![\w+])\+[1-9]\d{7,14}(?!\d)/g;
/**
 * As accounts take them (packages/services/user/emailAddresses.ts), and as they stand in an address of the web. `pkg@1.2.3` is a version, and
 * who logs in to an engine, in `mysql://chepiao@db.internal`, is no person. Begins only where a run of these letters does: linear on any text.
 */
const local = String.raw`\w!#$%&'*+/=?^{}~.\-\p{Cf}\uFF10-\uFF19\uFF21-\uFF3A\uFF41-\uFF5A`;
const label = String.raw`(?:[\p{L}\p{M}\p{N}\p{Cf}\-]|%(?!40)[\da-f]{2})`;
const mailAddress = new RegExp(
  String.raw`(?<login>:\/\/[\w.\-]+@)|(?<![${local}])(?<host>(?<=:)\/\/[\w.\-]+(?=[\/?#]))?[${local}]+(?:[@＠﹫]|%40)(?:${label}+[.．])+(?:(?!\d)${label}{2,}|[a-z\d\-]*(?=[^\0-\x7F]|%)${label}+)`,
  "giu",
);
const bearer = /\b(Bearer\s+)[\w.~+/=-]+/gi;
const sessionCookie = /\b(chepiao_session=)[^;\s"]+/gi;
/** `"password":"…"`, `password=…`, `token: …` inside a text. */
const namedSecret =
  /\b(password|passwd|secret|token|authorization|signature|document_?number|id_?card)(["']?\s*[:=]\s*["']?)[^"'\s,;&}]+/gi;

/** Whether any of the above could match: one look instead of seven for the lines that have nothing to hide. */
const suspicious = /\d{7}|[@＠﹫]|%40|bearer|session|passw|secret|token|authorization|signature|document|id_?card/i;

export function scrubText(text: string): string {
  if (!suspicious.test(text)) return text;
  return text
    .replace(bearer, `$1${hidden}`)
    .replace(sessionCookie, `$1${hidden}`)
    .replace(namedSecret, `$1$2${hidden}`)
    .replace(mailAddress, (_, login?: string, host = "") => login ?? `${host}${hidden}`)
    .replace(residentId, hidden)
    .replace(travelDocument, hidden)
    .replace(mobileNumber, hidden);
}

const depthMax = 6;
const itemsMax = 50;

/** A copy fit for the log. Cuts what is too deep or too long instead of failing on it. */
export function scrub(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return scrubText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= depthMax) return "[deep]";
  if (value instanceof Error) return scrubError(value, depth);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.slice(0, itemsMax).map((item) => scrub(item, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value).slice(0, itemsMax)) {
    copy[name] = isSecretName(name) ? hidden : scrub(inner, depth + 1);
  }
  return copy;
}

function scrubError(error: Error, depth: number): unknown {
  return {
    type: error.name,
    message: scrubText(error.message),
    ...(error.stack ? { stack: scrubText(error.stack) } : {}),
    ...(error.cause === undefined ? {} : { cause: scrub(error.cause, depth + 1) }),
  };
}
