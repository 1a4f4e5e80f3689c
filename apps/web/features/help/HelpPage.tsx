/** What a buyer wants to know before paying: which ticket, which seat, what giving back costs, and what counts at the gate. */
import type { TicketType } from "@chepiao/contracts";
import { useTitle } from "../../lib/components.tsx";
import { useLanguage, useMessages } from "../../lib/messages.tsx";
import { useRailwayRules } from "../../lib/railwayRules.ts";
import { feeText } from "../../lib/RefundSteps.tsx";
import type { Messages } from "../../messages/zh.ts";
import { helpEn } from "../../messages/help.en.ts";
import { helpZh } from "../../messages/help.zh.ts";

export function HelpPage() {
  const { messages, language } = useLanguage();
  useTitle(messages.help.title);
  return (
    <div className="page narrow help">
      <h1 className="page-title">{messages.help.title}</h1>
      {(language === "zh" ? helpZh : helpEn).map(([title, ...texts]) => (
        <section key={title} className="card section">
          <h2>{title}</h2>
          {texts.map((text) => (
            <p key={text}>{text}</p>
          ))}
        </section>
      ))}
      <RefundFees />
      <section className="card section">
        <h2>{messages.book.rules}</h2>
        <dl className="rules-list">
          {(Object.keys(messages.ticketTypes) as TicketType[]).map((type) => (
            <div key={type}>
              <dt>{messages.ticketTypes[type]}</dt>
              <dd>{messages.ticketTypeRules[type]}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section className="card section">
        <h2>{messages.book.together}</h2>
        <ul className="plain-list">
          {(["adjacent", "row", "coach", "split"] as const).map((each) => (
            <li key={each}>{messages.book.togetherRules[each]}</li>
          ))}
        </ul>
      </section>
    </div>
  );
}

/** As the railway has set them. The last grade has no time of its own: it holds where none of the others does. */
function RefundFees() {
  const messages = useMessages();
  const grades = useRailwayRules()?.refundGrades;
  if (!grades) return null;
  return (
    <section className="card section">
      <h2>{messages.help.refundFees}</h2>
      <dl className="rules-list">
        {grades.map(({ hoursBefore, percent }, n) => (
          <div key={hoursBefore}>
            <dt>
              {hoursBefore > 0 || n === 0
                ? messages.help.gradeFrom(timeText(hoursBefore, messages))
                : messages.help.gradeBelow(timeText(grades[n - 1]!.hoursBefore, messages))}
            </dt>
            <dd>{feeText(percent, messages)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const dayHours = 24;
/** Two days are said in hours, as on the railway's own notices. */
const timeText = (hours: number, messages: Messages): string =>
  hours > 2 * dayHours && hours % dayHours === 0 ? messages.help.days(hours / dayHours) : messages.help.hours(hours);
