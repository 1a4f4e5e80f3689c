/** A role is a part of what rooms do: `order` answers, `writer` reads the log, `sweeper` does what time alone brings about. */
import type { Part, RoomSpec } from "@chepiao/room";

/** By the names of rooms. */
export type RoleParts = Readonly<Record<string, readonly Part[]>>;

/** What these roles do of that room. Whoever has a copy of one keeps it true by himself, whatever else of that room is his. */
export const partsDone = (
  { name, isCopied }: Pick<RoomSpec, "name" | "isCopied">,
  roles: readonly RoleParts[],
): ReadonlySet<Part> =>
  new Set([...roles.flatMap((role) => role[name] ?? []), ...(isCopied ? (["work"] as const) : [])]);

/** Rooms that are to be opened where these roles are: theirs, and copies of those that theirs ask and of which everybody has one. */
export function roomsOf(rooms: readonly RoomSpec[], roles: readonly RoleParts[]): readonly RoomSpec[] {
  const named = rooms.filter(({ name }) => roles.some((role) => role[name] !== undefined));
  const here = new Set(named);
  // Those that were added are gone through, too: a copy may ask for another.
  for (const { asks } of here) {
    const asked = new Set(Object.values(asks).map(({ room }) => room));
    for (const room of rooms) if (room.isCopied && asked.has(room.name)) here.add(room);
  }
  return rooms.filter((room) => here.has(room));
}
