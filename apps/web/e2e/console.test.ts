/** The console as staff use it: who is let in, the first page, a run that is cancelled after a dry run, and what the audit trail says of it. */
import { afterAll, expect, test } from "bun:test";
import { en } from "../../console/messages/en.ts";
import { zh } from "../../console/messages/zh.ts";
import { closeBrowser, commonSite, desktop, looksHere, phone, picture, visit, type Looks } from "./browser.ts";
import { expectAccessible } from "./steps.ts";

afterAll(closeBrowser);

/** The components measure a scroll bar by a style of their own, which the page's policy does not take: they go on without it. */
const complaintsOf = (complaints: readonly string[]) => complaints.filter((each) => !/inline style/.test(each));

async function enter(looks: Looks, username: string, password: string) {
  const { page, complaints } = await visit(await commonSite(), looks);
  const words = looks.language === "zh" ? zh : en;
  await page.goto("/console/");
  await page.getByLabel(words.username).fill(username);
  await page.getByLabel(words.password, { exact: true }).fill(password);
  await page.keyboard.press("Enter");
  return { page, complaints, words };
}
const asOperator = (looks: Looks) => enter(looks, "operator", "chepiao-operator");

test.each(
  looksHere<Looks>([
    { language: "en", width: desktop },
    { language: "zh", width: phone },
  ]),
)("an operator is shown what needs an act, and the pages of his role alone: %p", async (looks) => {
  const { page, complaints, words } = await asOperator(looks);
  await page.getByRole("heading", { name: words.pages.overview }).waitFor();
  await page.locator("main .ant-table, main .ant-statistic, main .ant-card").first().waitFor();
  await expectAccessible(page, `console, first page, ${looks.language}`);
  await picture(page, `console-overview-${looks.language}`, true);
  // The audit trail is not for operators: neither shown nor answered.
  expect(await page.getByRole("link", { name: words.pages.audit }).count()).toBe(0);
  await page.goto("/console/audit");
  await page.getByText(words.noRight).waitFor();
  expect(await page.evaluate(async () => (await fetch("/api/operations/audit")).status)).toBe(403);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  expect(complaintsOf(complaints)).toEqual([]);
});

test("who is no member of staff is told so, and sees nothing", async () => {
  const { page } = await enter({ language: "en", width: desktop }, "demo", "chepiao-demo");
  await page.getByText(en.noRights).waitFor();
  expect(await page.getByRole("menuitem").count()).toBe(0);
});

test("a run is cancelled: first what it would mean, then really, and it says so afterwards", async () => {
  const { page, complaints } = await asOperator({ language: "en", width: desktop });
  await page.getByRole("heading", { name: en.pages.overview }).waitFor();
  const date = await page.evaluate(async () => {
    const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    const { runs } = (await (await fetch(`/api/operations/runs?date=${day}&train=G1&limit=1`)).json()) as {
      runs: { originDate: string }[];
    };
    return runs[0]!.originDate;
  });
  await page.goto(`/console/runs/G1/${date}`);
  await page.getByText(en.runs.chart, { exact: true }).first().waitFor();
  await picture(page, "console-run", true);
  await page.getByRole("combobox", { name: en.runs.act }).click();
  await page.getByTitle(en.runs.acts.cancel, { exact: true }).click();
  await page.getByLabel(en.reason).fill("storm on the line");
  await page.getByRole("button", { name: en.runs.trial }).click();
  await page.getByRole("button", { name: en.runs.doIt(en.runs.acts.cancel) }).click();
  await page.getByText(en.runs.doneText(en.runs.acts.cancel)).waitFor();
  const status = await page.evaluate(
    async (day) =>
      ((await (await fetch(`/api/operations/runs/G1/${day}`)).json()) as { word: string; saidBy: string[] }).word,
    date,
  );
  expect(status).toBe("cancelled");
  expect(complaintsOf(complaints)).toEqual([]);
});
