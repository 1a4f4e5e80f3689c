/** A number of a train as it is printed, from what people type. Pure. */

/** Full width, small letters and gaps are the same number. */
export const trainNumberOf = (text: string): string => text.normalize("NFKC").replaceAll(/\s/g, "").toUpperCase();
