/** Writing as people type it: with or without accents. */

/**
 * Marks are accents on Latin, Greek and Cyrillic letters, and points that Hebrew and Arabic are mostly written without; in other scripts
 * they are letters, and a word without them is another one. Other forms of one letter become the usual one.
 */
export const withoutAccents = (text: string): string => text.normalize("NFKD").replace(accents, "$1").normalize("NFKC");
const accents = /([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}])\p{M}+/gu;
