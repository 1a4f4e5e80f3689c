/** A trip, or what else is worth remembering, for the calendar of the person, as iCalendar (RFC 5545) has it: every phone and every desk takes such a file. */

export type CalendarTrip = {
  /** The same trip is the same entry: loaded again, it is changed and not doubled. */
  readonly id: string;
  readonly departAt: string;
  readonly arriveAt: string;
  readonly title: string;
  readonly place: string;
  readonly notes: readonly string[];
  readonly url: string;
  readonly now: string;
  /** So long before it begins the calendar reminds. */
  readonly remindBefore?: string;
};

const remindBeforeTrip = "PT2H";
/** A line ends after so many bytes, and goes on in the next behind a space. */
const lineBytesMax = 75;

export function calendarOf(trips: readonly CalendarTrip[]): string {
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//chepiao//ticket//",
    "CALSCALE:GREGORIAN",
    "METHOD:PUBLISH",
    ...trips.flatMap(entryOf),
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join("");
}

/** Hands the entries over as a file, which the person's own calendar opens. */
export function saveCalendar(trips: readonly CalendarTrip[], name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([calendarOf(trips)], { type: "text/calendar;charset=utf-8" }));
  link.download = `${name}.ics`;
  link.click();
  // Some browsers read it only after the click is over.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const entryOf = (trip: CalendarTrip): readonly string[] => [
  "BEGIN:VEVENT",
  `UID:${trip.id}@chepiao`,
  `DTSTAMP:${utc(trip.now)}`,
  `DTSTART:${utc(trip.departAt)}`,
  `DTEND:${utc(trip.arriveAt)}`,
  `SUMMARY:${escaped(trip.title)}`,
  `LOCATION:${escaped(trip.place)}`,
  `DESCRIPTION:${escaped(trip.notes.join("\n"))}`,
  `URL:${trip.url}`,
  "BEGIN:VALARM",
  "ACTION:DISPLAY",
  `TRIGGER:-${trip.remindBefore ?? remindBeforeTrip}`,
  `DESCRIPTION:${escaped(trip.title)}`,
  "END:VALARM",
  "END:VEVENT",
];

/** `20261208T060500Z`: in UTC the entry is right wherever the calendar is read. */
const utc = (instant: string): string => new Date(instant).toISOString().replaceAll(/[-:]/g, "").replace(/\.\d+/, "");

const escaped = (text: string): string => text.replaceAll(/[\\;,]/g, "\\$&").replaceAll(/\r?\n/g, "\\n");

/** Between characters, never inside of one. */
function folded(line: string): string {
  const bytesOf = (text: string) => new TextEncoder().encode(text).byteLength;
  let out = "";
  let inLine = 0;
  for (const letter of line) {
    const bytes = bytesOf(letter);
    if (inLine + bytes > lineBytesMax) {
      out += "\r\n ";
      inLine = 1;
    }
    out += letter;
    inLine += bytes;
  }
  return out;
}
