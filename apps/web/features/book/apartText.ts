/** How much earlier or later than another a train leaves, in words. */
import { durationText } from "../../lib/format.ts";
import type { Messages } from "../../messages/zh.ts";

type Leaving = { readonly departAt: string };
const msPerMinute = 60_000;

export function apartText(other: Leaving, train: Leaving, messages: Messages): string {
  const minutes = Math.round((Date.parse(other.departAt) - Date.parse(train.departAt)) / msPerMinute);
  if (minutes === 0) return messages.book.sameTime;
  const text = durationText(Math.abs(minutes), messages);
  return minutes < 0 ? messages.book.earlier(text) : messages.book.later(text);
}
