/** The pages of help say what the railway's policy says, by its name. */
import { ticketZh } from "../../messages/ticket.zh.ts";
import { expect, test } from "bun:test";
import { type Policy, policyProfiles } from "@chepiao/contracts";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderToStaticMarkup } from "react-dom/server";
import { LanguageProvider } from "../../lib/messages.tsx";
import { railwayRulesKey } from "../../lib/railwayRules.ts";
import { helpTextsZh, type HelpTopic } from "../../messages/help.zh.ts";
import { zh } from "../../messages/zh.ts";
import { HelpPage } from "./HelpPage.tsx";
import { HelpTopicPage } from "./HelpTopic.tsx";

const { "12306": china, "demo-metric": metric } = policyProfiles;
function drawn(policy: Policy, topic?: HelpTopic): string {
  const client = new QueryClient();
  const { name, help, change, refund, fares } = policy;
  const told = { ...fares, name, help, change, refundGrades: refund.grades };
  client.setQueryData(railwayRulesKey, told);
  return renderToStaticMarkup(
    <QueryClientProvider client={client}>
      <LanguageProvider first={zh}>{topic ? <HelpTopicPage topic={topic} /> : <HelpPage />}</LanguageProvider>
    </QueryClientProvider>,
  );
}

test("who is asked for help is told by the policy, and where it says nothing no address is made up", () => {
  expect(drawn(metric, "contact")).toContain('href="mailto:help@metric-rail.example"');
  const silent = drawn(china, "contact");
  expect(silent).toContain(helpTextsZh.noContact);
  expect(silent).not.toContain("mailto:");
  expect(drawn({ ...china, help: { phone: "+41 (44) 123 45 67" } }, "contact")).toContain('href="tel:+41441234567"');
});

test("each page names the railway, and the railway's own terms go before the site's", () => {
  for (const topic of ["contact", "terms", "privacy", "accessibility"] as const) {
    const page = drawn(china, topic);
    expect(page).toContain(china.name.zh);
    expect(page).not.toContain("{railway}");
  }
  const terms = "https://line.example/terms";
  expect(drawn({ ...china, help: { terms } }, "terms")).toContain(`href="${terms}"`);
  expect(drawn({ ...china, help: { terms } }, "privacy")).not.toContain(terms);
});

test("changes, refunds and luggage are those of the policy", () => {
  const page = drawn(china);
  expect(page).toContain(china.help!.luggage!.zh);
  expect(page).toContain(helpTextsZh.changeDestination(zh.help.hours(48)));
  expect(page).toContain(helpTextsZh.changeAfter(ticketZh.feeRate("40")));
  expect(drawn(metric)).toContain(helpTextsZh.changeNone);
  expect(page).toContain(zh.book.childBelow(14));
  expect(drawn(metric)).toContain(zh.book.childBelow(15));
  const silent = drawn({ ...china, help: {} });
  expect(silent).not.toContain(`<h2>${helpTextsZh.luggage}</h2>`);
  expect(silent).toContain(helpTextsZh.askAboutChildren);
});
