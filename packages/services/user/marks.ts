/** What keyboards and messengers put around a number, and nobody sees: full width, marks of direction, zero width, blanks at the ends. */

/** A number, phone or username as it was meant. */
export const withoutMarks = (text: string): string =>
  text
    .normalize("NFKC")
    .replaceAll(/\p{Cf}/gu, "")
    .trim();

/** A name without what stands about it unseen: what is inside stays as it was sent. */
export const trimMarks = (name: string): string =>
  name.replace(/^[\s\p{Cc}\p{Cf}]+/u, "").replace(/[\s\p{Cc}\p{Cf}]+$/u, "");

/** Joiners and variations are letters' business in some scripts; whatever else cannot be seen, or is no character, is no part of a name. */
export const hasUnseen = (name: string): boolean =>
  /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u.test(
    name.replaceAll(/\u200C|\u200D|\p{Variation_Selector}/gu, ""),
  );
