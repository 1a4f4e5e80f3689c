/** What of the messages is mailed, in which language and at which hours: the account chooses, and each choice is kept at once. */
import type { NotificationPreferences } from "@chepiao/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { ask } from "../../lib/api.ts";
import { Failure } from "../../lib/components.tsx";
import { useMailSettings } from "./MailsRefused.tsx";
import { useNotificationsMessages } from "./useNotificationsMessages.ts";

const quietPreset = { from: "22:00", until: "07:00" };
const ownZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;

export function Preferences() {
  const texts = useNotificationsMessages();
  const client = useQueryClient();
  const { queryKey, found } = useMailSettings();
  // What was just chosen shows at once.
  const [chosen, setChosen] = useState<NotificationPreferences | null>(null);
  const choose = useMutation({
    mutationFn: (body: NotificationPreferences) => ask("PUT /api/notifications/preferences", { body }),
    // Kept in the order in which they were chosen.
    scope: { id: "mail settings" },
    onSuccess: (answer) => client.setQueryData(queryKey, answer),
    onSettled: (_answer, _error, body) => setChosen((now) => (now === body ? null : now)),
  });
  const quietId = useId();
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  // Whoever gets no mails has nothing to choose.
  if (!found.data?.isMailed) return null;
  const { kinds } = found.data;
  const preferences = chosen ?? found.data.preferences;
  const { notMailed, quiet } = preferences;
  const save = (change: Partial<NotificationPreferences>) => {
    const body = { ...preferences, ...change };
    setChosen(body);
    choose.mutate(body);
  };
  const clock = (end: "from" | "until", label: string) => (
    <label>
      {label}{" "}
      <input
        type="time"
        required
        defaultValue={quiet?.[end]}
        onBlur={({ target: { value } }) =>
          quiet && value !== "" && value !== quiet[end] && save({ quiet: { ...quiet, [end]: value } })
        }
      />
    </label>
  );
  return (
    <details className="card section preferences">
      <summary>{texts.preferences}</summary>
      <fieldset>
        <legend>{texts.mailed}</legend>
        {kinds.map(({ kind, title, isMandatory }) => (
          <label key={kind}>
            <input
              type="checkbox"
              checked={isMandatory || !(notMailed as readonly string[]).includes(kind)}
              disabled={isMandatory}
              onChange={({ target }) =>
                save({
                  notMailed: target.checked
                    ? notMailed.filter((each) => each !== kind)
                    : [...notMailed, kind as (typeof notMailed)[number]],
                })
              }
            />
            {title}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>{texts.hours}</legend>
        <label>
          <input
            type="checkbox"
            checked={quiet !== null}
            aria-describedby={quietId}
            onChange={({ target }) => save({ quiet: target.checked ? { ...quietPreset, zone: ownZone() } : null })}
          />
          {texts.quiet}
        </label>
        {quiet && (
          <div className="preferences-hours">
            {clock("from", texts.quietFrom)}
            {clock("until", texts.quietUntil)}
            <span className="soft">{quiet.zone}</span>
          </div>
        )}
        <p id={quietId} className="soft">
          {texts.quietNote}
        </p>
      </fieldset>
      <fieldset>
        <legend>{texts.language}</legend>
        {(["both", "zh", "en"] as const).map((each) => (
          <label key={each}>
            <input
              type="radio"
              name="language of mails"
              checked={(preferences.language ?? "both") === each}
              onChange={() => save({ language: each === "both" ? null : each })}
            />
            {texts.languages[each]}
          </label>
        ))}
      </fieldset>
      {choose.isError && <Failure error={choose.error} />}
    </details>
  );
}
