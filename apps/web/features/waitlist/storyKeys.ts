/** What one part of a story is known by while newer ones come before it. */
import type { WaitlistStory } from "@chepiao/contracts";

type PassedOver = WaitlistStory["passedOver"][number];

/** Seats that are alike in everything may come back in one moment: each is counted among those like it, the oldest first. */
export function storyKeys(newestFirst: readonly PassedOver[]): readonly string[] {
  const alike = new Map<string, number>();
  return newestFirst
    .toReversed()
    .map(({ at, choice, seatClass, seats, fromStop, toStop, because }) => {
      const name = [at, choice, seatClass, seats, fromStop, toStop, because].join(" ");
      const nth = (alike.get(name) ?? 0) + 1;
      alike.set(name, nth);
      return `${name} ${nth}`;
    })
    .toReversed();
}
