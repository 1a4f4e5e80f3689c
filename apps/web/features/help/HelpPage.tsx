/** What a buyer wants to know before paying: which ticket, which seat, what giving back costs, and what counts at the gate. */
import type { Railway } from "@chepiao/contracts";
import { useTitle } from "../../lib/components.tsx";
import { useLanguage, useMessages } from "../../lib/messages.tsx";
import { useRailwayRules, useTrainTypeName } from "../../lib/railwayRules.ts";
import { feeText } from "../../lib/RefundSteps.tsx";
import { typeRule, typesSold } from "../../lib/ticketTypes.ts";
import { useTicketMessages } from "../../lib/useTicketMessages.ts";
import type { Messages } from "../../messages/zh.ts";
import { HelpNav, Sections, useHelp } from "./HelpTopic.tsx";

export function HelpPage() {
  const messages = useMessages();
  const typeName = useTrainTypeName();
  const { texts, sections } = useHelp();
  const rules = useRailwayRules();
  useTitle(messages.help.title);
  return (
    <div className="page narrow help">
      <h1 className="page-title">{messages.help.title}</h1>
      <Sections of={sections} />
      {rules && (
        <>
          <Fees title={messages.help.refundFees} grades={rules.refundGrades} />
          <ChangeRules rules={rules.change} />
        </>
      )}
      <section className="card section">
        <h2>{messages.book.rules}</h2>
        <dl className="rules-list">
          {typesSold(rules, messages).map((type) => (
            <div key={type}>
              <dt>{messages.ticketTypes[type]}</dt>
              <dd>{typeRule(type, rules, messages, typeName)}</dd>
            </div>
          ))}
        </dl>
      </section>
      <Said title={texts.children} of={rules && (rules.help?.children ?? texts.askAboutChildren)} />
      <Said title={texts.luggage} of={rules?.help?.luggage} />
      <section className="card section">
        <h2>{messages.book.together}</h2>
        <ul className="plain-list">
          {(["adjacent", "row", "coach", "split"] as const).map((each) => (
            <li key={each}>{messages.book.togetherRules[each]}</li>
          ))}
        </ul>
      </section>
      <HelpNav />
    </div>
  );
}

type Grades = Railway["refundGrades"];

/** As the railway has set them. */
function Fees({ title, grades }: { readonly title: string; readonly grades: Grades }) {
  return (
    <section className="card section">
      <h2>{title}</h2>
      <Grades of={grades} />
    </section>
  );
}

/** The last grade has no time of its own: it holds where none of the others does. */
function Grades({ of: grades }: { readonly of: Grades }) {
  const messages = useMessages();
  const ticketTexts = useTicketMessages();
  return (
    <dl className="rules-list">
      {grades.map(({ hoursBefore, percent }, n) => (
        <div key={hoursBefore}>
          <dt>
            {hoursBefore > 0
              ? messages.help.gradeFrom(timeText(hoursBefore, messages))
              : n === 0
                ? messages.help.untilDeparture
                : messages.help.gradeBelow(timeText(grades[n - 1]!.hoursBefore, messages))}
          </dt>
          <dd>{feeText(percent, ticketTexts)}</dd>
        </div>
      ))}
    </dl>
  );
}

function ChangeRules({ rules }: { readonly rules: Railway["change"] }) {
  const messages = useMessages();
  const ticketTexts = useTicketMessages();
  const { texts } = useHelp();
  return (
    <section className="card section">
      <h2>{texts.change}</h2>
      {rules === undefined ? (
        <p>{texts.changeNone}</p>
      ) : (
        <>
          <p>{texts.changeSame}</p>
          <p>{texts.changeTo}</p>
          <Grades of={rules.grades} />
          {rules.afterDeparture !== undefined && <p>{texts.changeAfter(feeText(rules.afterDeparture, ticketTexts))}</p>}
          {rules.destinationMinHours !== undefined && (
            <p>
              {rules.destinationMinHours === 0
                ? texts.changeDestinationAlways
                : texts.changeDestination(timeText(rules.destinationMinHours, messages))}
            </p>
          )}
        </>
      )}
    </section>
  );
}

type SaidProps = { readonly title: string; readonly of: { zh: string; en: string } | string | undefined };

/** By the railway itself, where it says it. */
function Said({ title, of }: SaidProps) {
  const { language } = useLanguage();
  if (!of) return null;
  return (
    <section className="card section">
      <h2>{title}</h2>
      <p>{typeof of === "string" ? of : of[language]}</p>
    </section>
  );
}

const dayHours = 24;
/** Two days are said in hours, as on the railway's own notices. */
const timeText = (hours: number, messages: Messages): string =>
  hours > 2 * dayHours && hours % dayHours === 0 ? messages.help.days(hours / dayHours) : messages.help.hours(hours);
