/** Until when which fee, as a list that is opened: before buying, before paying, and before giving back. */
import { serverNow } from "./clock.ts";
import { dateOf, dayText, timeOf } from "./format.ts";
import { refundSteps, type RefundStep } from "./refundSteps.ts";
import { useMessages } from "./messages.tsx";
import { useRailwayRules } from "./railwayRules.ts";
import { useTicketMessages } from "./useTicketMessages.ts";
import type { TicketMessages } from "../messages/ticket.zh.ts";
import type { Messages } from "../messages/zh.ts";

/** Of a trip that is not bought yet. */
export function RefundRules({ departAt }: { readonly departAt: string }) {
  const messages = useMessages();
  const ticketTexts = useTicketMessages();
  const grades = useRailwayRules()?.refundGrades;
  const steps = grades ? refundSteps(departAt, grades, serverNow()) : [];
  const [first] = steps;
  return first ? <Steps title={ticketTexts.rulesNow(stepText(first, messages, ticketTexts))} steps={steps} /> : null;
}

export function RefundSteps({ steps }: { readonly steps: readonly RefundStep[] }) {
  const ticketTexts = useTicketMessages();
  return steps.length < 2 ? null : <Steps title={ticketTexts.steps} steps={steps} />;
}

function Steps({ title, steps }: { readonly title: string; readonly steps: readonly RefundStep[] }) {
  const messages = useMessages();
  const ticketTexts = useTicketMessages();
  return (
    <details className="rules">
      <summary>{title}</summary>
      <ul className="plain-list">
        {steps.map((step) => (
          <li key={step.until} className="number">
            {stepText(step, messages, ticketTexts)}
          </li>
        ))}
      </ul>
      <p className="soft note">{ticketTexts.rulesNote}</p>
    </details>
  );
}

const stepText = ({ until, feeBasisPoints }: RefundStep, messages: Messages, ticketTexts: TicketMessages): string =>
  ticketTexts.stepUntil(
    `${dayText(dateOf(until), messages)} ${timeOf(until)}`,
    feeText(feeBasisPoints / 100, ticketTexts),
  );
export const feeText = (percent: number, ticketTexts: TicketMessages): string =>
  percent === 0 ? ticketTexts.noFee : ticketTexts.feeRate(String(percent));
