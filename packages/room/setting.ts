/**
 * Settings, and what they may say: from the text of an environment variable to its value, or a sentence about what would be right.
 * A setting is an object that the room that needs it names; its value is read once, by the process.
 */

/** A setting that cannot be understood: for people, not for a stack trace. */
export class BadSetting extends Error {
  override readonly name = "BadSetting";
}

export type Setting<T> = {
  readonly env: string;
  readonly about: string;
  readonly byDefault: string;
  /** Throws with what would be right. */
  readonly read: (text: string) => T;
  /** Never shown. */
  readonly secret?: true;
};

export const setting = <T>(
  env: string,
  byDefault: string,
  about: string,
  read: (text: string) => T,
  more: { readonly secret?: true } = {},
): Setting<T> => ({ env, byDefault, about, read, ...more });

export const text = (value: string) => value;

export const wholeNumber = (min: number, max: number) => (value: string) => {
  const number = Number(value);
  if (!Number.isInteger(number) || value.trim() === "" || number < min || number > max) {
    throw new BadSetting(`a whole number from ${min} to ${max}`);
  }
  return number;
};

/** Null where nothing is said. */
export const ifSaid =
  <T>(read: (value: string) => T) =>
  (value: string): T | null =>
    value.trim() === "" ? null : read(value);

export const yesOrNo = (value: string) => {
  if (value !== "0" && value !== "1") throw new BadSetting("0 or 1");
  return value === "1";
};

export const oneOf =
  <const T extends string>(...words: readonly T[]) =>
  (value: string): T => {
    const word = words.find((known) => known === value);
    if (word === undefined) throw new BadSetting(`one of ${words.join(", ")}`);
    return word;
  };
