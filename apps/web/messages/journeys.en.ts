/** Journeys with a change: on one train, within a station, within a city. */
import type { JourneysMessages } from "./journeys.zh.ts";

export const journeysEn: JourneysMessages = {
  title: "Journeys with a change",
  count: (count) => (count === 1 ? "1 journey with a change" : `${count} journeys with a change`),
  sort: "Sort by",
  sorts: { arrival: "Arrival", duration: "Fastest", price: "Cheapest", changes: "Fewest" },
  party: "Passengers",
  people: (count) => String(count),
  seatClass: "Class",
  anyClass: "Cheapest seat",
  twice: "Two changes, too",
  sameTrain: "Same train, another seat",
  changes: (count) => (count === 1 ? "1 change" : `${count} changes`),
  seat: (station, minutes) => `Change seats at ${station}, stay on the train (stops ${minutes} min)`,
  station: (station, time) => `Change at ${station}, ${time} to do so`,
  city: (from, to, time) => `Leave ${from}, go to ${to}: ${time} to do so`,
  book: "Book all",
  bookTrains: (trains) => `: ${trains}`,
  none: "No journey with a change can be bought",
  noneNote: "None has seats all the way on this day. Try another day, class or number of passengers.",
  twiceNote: "Or try two changes.",
  directBetter: "Direct trains are better",
  directBetterNote: "They have seats, and no change gets you there sooner or for less.",
  incomplete: "There are many ways, and not all were looked at. Those below have seats.",
};
