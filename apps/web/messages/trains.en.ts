/** A train looked up by its number, and the board of a station, in English. */
import type { TrainsMessages } from "./trains.zh.ts";

export const trainsEn: TrainsMessages = {
  title: "Look up a train",
  number: "Train number",
  hint: "The day is that on which the train leaves its first station",
  show: "Show",
  madeOf: (coaches, code) => `${coaches} ${coaches === 1 ? "coach" : "coaches"} · rolling stock ${code}`,
  seats: (seatClass, count) => `${seatClass} ${count}`,
  daily: "Runs on every day that can be booked",
  runsOn: (days) => `Runs on ${days}`,
  tickets: "See tickets",
  ticketsOn: (day) => `See tickets for ${day}`,
  unknown: (train) => `There is no train ${train}`,
  unknownNote: "Check the number, or search by where you travel from and to.",
  notThatDay: (train, day) => `${train} does not run on ${day}`,
  notThatDayNote: "Try another day.",
  board: "Station board",
  station: "Station or city",
  sides: { departures: "Departures", arrivals: "Arrivals" },
  towards: { departures: (station) => `to ${station}`, arrivals: (station) => `from ${station}` },
  earlier: "Show earlier trains of the day",
  more: "Show more trains",
  noTrains: "No more trains on that day",
  unknownPlace: "There is no such station",
};
