/** Instants arrive with the railway's own offset: the clock is read off the text, whatever zone the reader sits in. */

/** `2026-12-01 14:05:09` */
export const secondOf = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 19)}`;

const digits = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** An amount in hundredths as it stands in the books; the currency is the railway's own. */
export const amountOf = (fen: number): string => digits.format(fen / 100);
