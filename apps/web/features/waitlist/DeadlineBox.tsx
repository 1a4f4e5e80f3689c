/** Until when an entry waits, and how to change that. */
import type { WaitlistEntryTold } from "@chepiao/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../lib/api.ts";
import { useServerNow } from "../../lib/clock.ts";
import { Notice, useErrorText } from "../../lib/components.tsx";
import { Field } from "../../lib/Field.tsx";
import { dateOf, dayText, timeOf } from "../../lib/format.ts";
import { useMessages } from "../../lib/messages.tsx";
import { LoginDeclined } from "../../lib/session.ts";
import { beforeText } from "./durations.ts";
import { noteEntry } from "./Prepay.tsx";
import { deadlinesOf, endedByDeadline } from "./request.ts";
import { entryKey } from "./useEntry.ts";
import { useWaitlistMessages } from "./useWaitlistMessages.ts";

const looksEveryMs = 10_000;

export function DeadlineBox({ entry }: { readonly entry: WaitlistEntryTold }) {
  const messages = useMessages();
  const texts = useWaitlistMessages();
  const client = useQueryClient();
  const { waitlistNo, deadlineMinutes, decideBy } = entry;
  const [wished, setWished] = useState<number | null>(null);
  const now = useServerNow(looksEveryMs);
  const possible = deadlinesOf(entry, now, entry);
  // What holds now stays in the list while its time runs out.
  const listed = possible.includes(deadlineMinutes) ? possible : [...possible, deadlineMinutes];
  const change = useMutation({
    mutationFn: (minutes: number) =>
      ask("PUT /api/waitlist/:waitlistNo/deadline", { params: { waitlistNo }, body: { deadlineMinutes: minutes } }),
    onSuccess: (changed) => {
      setWished(null);
      noteEntry(client, changed);
    },
    onError: () => void client.invalidateQueries({ queryKey: entryKey(waitlistNo) }),
  });
  const errorText = useErrorText(change.error);
  const isChanged = wished !== null && wished !== deadlineMinutes;
  const ended = isChanged ? endedByDeadline(entry, wished, now) : [];
  return (
    <form
      method="post"
      className="card section deadline"
      onSubmit={(event) => {
        event.preventDefault();
        if (isChanged && !change.isPending) change.mutate(wished);
      }}
    >
      <Field
        label={texts.deadline}
        hint={
          decideBy === null
            ? undefined
            : texts.deadlineNote(`${dayText(dateOf(decideBy), messages)} ${timeOf(decideBy)}`)
        }
      >
        {(given) => (
          <select
            {...given}
            value={wished ?? deadlineMinutes}
            onChange={(event) => {
              change.reset();
              setWished(Number(event.target.value));
            }}
          >
            {listed.map((minutes) => (
              <option key={minutes} value={minutes}>
                {beforeText(minutes, messages, texts)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {ended.length > 0 && (
        <Notice kind="warn" live>
          {texts.deadlineEnds(
            messages.listOf(
              ended.map(({ trainNumber, boardingDate }) => `${trainNumber} · ${dayText(boardingDate, messages)}`),
            ),
          )}
        </Notice>
      )}
      {isChanged && (
        <button type="submit" className="button small" aria-disabled={change.isPending}>
          {texts.changeDeadline}
        </button>
      )}
      <p role="status" className={change.isSuccess && !isChanged ? "note" : "hidden"}>
        {change.isSuccess && !isChanged ? texts.deadlineSaved : ""}
      </p>
      {change.error && !(change.error instanceof LoginDeclined) && <Notice kind="bad" title={errorText} live />}
    </form>
  );
}
