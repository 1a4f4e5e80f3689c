/** Until when which fee, as a list that is opened: before buying, before paying, and before giving back. */
import { serverNow } from "./clock.ts";
import { dateOf, dayText, timeOf } from "./format.ts";
import { refundSteps, type RefundStep } from "./refundSteps.ts";
import { useMessages } from "./messages.tsx";
import { useRailwayRules } from "./railwayRules.ts";
import type { Messages } from "../messages/zh.ts";

/** Of a trip that is not bought yet. */
export function RefundRules({ departAt }: { readonly departAt: string }) {
  const messages = useMessages();
  const grades = useRailwayRules()?.refundGrades;
  const steps = grades ? refundSteps(departAt, grades, serverNow()) : [];
  const [first] = steps;
  return first ? <Steps title={messages.ticket.rulesNow(stepText(first, messages))} steps={steps} /> : null;
}

export function RefundSteps({ steps }: { readonly steps: readonly RefundStep[] }) {
  const messages = useMessages();
  return steps.length < 2 ? null : <Steps title={messages.ticket.steps} steps={steps} />;
}

function Steps({ title, steps }: { readonly title: string; readonly steps: readonly RefundStep[] }) {
  const messages = useMessages();
  return (
    <details className="rules">
      <summary>{title}</summary>
      <ul className="plain-list">
        {steps.map((step) => (
          <li key={step.until} className="number">
            {stepText(step, messages)}
          </li>
        ))}
      </ul>
      <p className="soft note">{messages.ticket.rulesNote}</p>
    </details>
  );
}

const stepText = ({ until, feeBasisPoints }: RefundStep, messages: Messages): string =>
  messages.ticket.stepUntil(
    `${dayText(dateOf(until), messages)} ${timeOf(until)}`,
    feeText(feeBasisPoints / 100, messages),
  );
export const feeText = (percent: number, messages: Messages): string =>
  percent === 0 ? messages.ticket.noFee : messages.ticket.feeRate(String(percent));
