/** Where a train, and the board of a station, are looked up. */

const addressOf = (path: string, fields: Readonly<Record<string, string>>): string =>
  `${path}?${new URLSearchParams(fields).toString()}`;

/** @param date on which it leaves its first station */
export const trainAddress = (number: string, date: string): string => addressOf("/train", { number, date });
/** @param place a station's id, or a city */
export const boardAddress = (place: string, date: string): string => addressOf("/station", { place, date });
