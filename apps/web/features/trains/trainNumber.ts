/** A number of a train as people type it. Pure. */

/** Without gaps, which no number has. Its letters stay as they are: some railways print small ones, and the platform finds it in either. */
export const trainNumberOf = (text: string): string => text.replaceAll(/\s/g, "");
