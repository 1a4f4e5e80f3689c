/** Somebody keeps an account his own: forgets the password, changes it, ends what is open elsewhere, and leaves. */
import { afterAll, expect, test } from "bun:test";
import { refusals } from "@chepiao/contracts";
import { serviceDate } from "@chepiao/kernel";
import { demoResidentId } from "@chepiao/services/user";
import type { Page } from "playwright-core";
import { closeBrowser, commonSite, desktop, looksHere, phone, picture, visit } from "./browser.ts";
import { register } from "./people.ts";
import { railway } from "./railways.ts";
import { accountOf, expectAccessible, logIn, wordsOf } from "./steps.ts";

afterAll(closeBrowser);

const probes = [
  ["zh", phone],
  ["en", desktop],
] as const;

/** Wide enough for all that is on it. */
const fits = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

/** What the page that is practised with shows of the newest message that was sent there. */
async function codeSentTo(page: Page, contact: string): Promise<string> {
  const inbox = await page.context().newPage();
  await inbox.goto(`/sandbox/messages/inbox?to=${encodeURIComponent(contact)}`);
  const code = /\b(\d{8})\b/.exec(await inbox.locator("main").innerText())?.[1];
  await inbox.close();
  if (code === undefined) throw new Error(`no code was sent to ${contact}`);
  return code;
}

test.each(looksHere(probes))(
  "a forgotten password is set anew with the code that was sent, by keys alone: %s, %d px",
  async (language, width) => {
    const words = wordsOf(language);
    const site = await commonSite();
    const { username, contact } = await register(site.url);
    const { page, context, complaints } = await visit(site, { language, width });
    await page.goto("/account");
    await page.getByRole("main").getByRole("button", { name: words.nav.login, exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: accountOf(words).auth.forgot }).press("Enter");
    await dialog.getByLabel(accountOf(words).auth.nameOr[railway.knownBy]).fill(username);
    expect(await fits(page)).toBe(true);
    await picture(page, `forgot-${language}`);
    await page.keyboard.press("Enter");

    const message = page.waitForEvent("popup");
    await dialog.getByRole("link", { name: accountOf(words).auth.practiceMessages[railway.knownBy] }).press("Enter");
    const box = await message;
    await box.locator("#to").fill(contact);
    await Promise.all([box.waitForURL(/to=/), box.keyboard.press("Enter")]);
    let code: string | undefined;
    for (let looked = 0; code === undefined && looked < 50; looked++) {
      code = /\b(\d{8})\b/.exec(await box.locator("main").innerText())?.[1];
      if (code === undefined) await box.reload();
    }
    await picture(box, `messages-${language}`);
    await expectAccessible(box, `practice messages (${language})`);
    await box.close();

    await dialog.getByLabel(accountOf(words).auth.code).fill("00000000");
    const typed = dialog.getByLabel(accountOf(words).auth.newPassword);
    await typed.fill("password");
    await page.keyboard.press("Enter");
    await dialog.locator(".field-error").waitFor();
    await typed.fill("a new sentence");
    await typed.press("Tab");
    // The button behind the field shows what was typed.
    await page.keyboard.press("Enter");
    expect(await typed.getAttribute("type")).toBe("text");
    await typed.press("Enter");
    await dialog.locator(".field-error").waitFor();
    await picture(page, `new-password-${language}`);
    await expectAccessible(page, `a new password (${language})`);
    await dialog.getByLabel(accountOf(words).auth.code).fill(code!);
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await page.getByText(username, { exact: true }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  },
);

test.each(looksHere(probes))(
  "an account page changes the password, logs out elsewhere, and deletes the account: %s, %d px",
  async (language, width) => {
    const words = wordsOf(language);
    const site = await commonSite();
    const person = await register(site.url);
    const { page, context, complaints } = await visit(site, { language, width });
    await page.goto("/account");
    await page.getByRole("main").getByRole("button", { name: words.nav.login, exact: true }).click();
    await logIn(page, words, person);
    const dialog = page.getByRole("dialog");
    const open = (name: string) => page.getByRole("main").getByRole("button", { name, exact: true }).press("Enter");

    await open(accountOf(words).security.changePassword);
    await dialog.getByLabel(accountOf(words).security.oldPassword).fill("not mine");
    await dialog.getByLabel(accountOf(words).auth.newPassword).fill("another sentence");
    await page.keyboard.press("Enter");
    await dialog.locator(".field-error").waitFor();
    await picture(page, `change-password-${language}`);
    await expectAccessible(page, `change of password (${language})`);
    await dialog.getByLabel(accountOf(words).security.oldPassword).fill(person.password);
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await page.getByText(accountOf(words).security.passwordChanged).waitFor();
    // What was logged in elsewhere is not any more.
    expect(await person.ask("GET", "/api/user/me").catch((error: Error) => error.message)).toContain("401");

    // What is typed here is no secret of whoever sat down at an open page: the password is asked for.
    const kind = railway.knownBy;
    const next = kind === "phone" ? "13700001234" : "moved.box@example.com";
    await open(accountOf(words).contact.change[kind]);
    await dialog.getByLabel(accountOf(words).contact.next[kind]).fill("nowhere");
    await page.keyboard.press("Enter");
    await dialog.locator(".field-error").first().waitFor();
    await picture(page, `change-contact-${language}`);
    await expectAccessible(page, `change of contact (${language})`);
    await dialog.getByLabel(accountOf(words).contact.next[kind]).fill(next);
    await dialog.getByLabel(accountOf(words).security.oldPassword).fill("another sentence");
    await page.keyboard.press("Enter");
    await dialog.getByText(accountOf(words).contact.codeSent).waitFor();
    await dialog.getByLabel(accountOf(words).auth.code).fill(await codeSentTo(page, next));
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await page.getByText(accountOf(words).contact.proved, { exact: true }).waitFor();

    await open(accountOf(words).security.endOthers);
    await dialog.getByRole("button", { name: accountOf(words).security.endOthers }).press("Enter");
    await page.getByText(accountOf(words).security.othersEnded).waitFor();
    expect(await fits(page)).toBe(true);
    await picture(page, `account-${language}`, true);
    await expectAccessible(page, `account (${language})`);

    await open(accountOf(words).security.deleteAccount);
    await dialog.getByLabel(accountOf(words).security.oldPassword).fill("another sentence");
    await picture(page, `delete-account-${language}`);
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await page.waitForURL(/\/$/);
    const login = await fetch(new URL("/api/user/login", site.url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: person.username, password: "another sentence" }),
    });
    expect(login.status).toBe(401);
    expect(complaints).toEqual([]);
    await context.close();
  },
);

test.each(looksHere(probes))(
  "an account page shows whether phone or mail address is verified, and a code sent there does it: %s, %d px",
  async (language, width) => {
    const words = wordsOf(language);
    const site = await commonSite();
    const person = await register(site.url);
    const { page, context, complaints } = await visit(site, { language, width });
    await page.goto("/account");
    await page.getByRole("main").getByRole("button", { name: words.nav.login, exact: true }).click();
    await logIn(page, words, person);
    await page.getByText(accountOf(words).contact.unproved, { exact: true }).waitFor();
    expect(await fits(page)).toBe(true);
    await page
      .getByRole("main")
      .getByRole("button", { name: accountOf(words).contact.prove[railway.knownBy], exact: true })
      .press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: accountOf(words).auth.sendCode }).press("Enter");
    await dialog.getByText(accountOf(words).contact.codeSent).waitFor();
    await dialog.getByLabel(accountOf(words).auth.code).fill("00000000");
    await page.keyboard.press("Enter");
    await dialog.locator(".field-error").waitFor();
    await expectAccessible(page, `proof of the contact (${language})`);
    await dialog.getByLabel(accountOf(words).auth.code).fill(await codeSentTo(page, person.contact));
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await page.getByText(accountOf(words).contact.proved, { exact: true }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  },
);

// because another railway may compare names with no register
test.skipIf(!railway.realName).each(looksHere(probes))(
  "who could not be verified is shown with the way to do it, and a name that is another's is refused in its field: %s, %d px",
  async (language, width) => {
    const words = wordsOf(language);
    const site = await commonSite();
    const { username, password, ask } = await register(site.url);
    const born = serviceDate("1988-08-08");
    // The service that is practised with is away for one of the two, and knows the other by another name.
    const of = (sequence: number) => ({ documentType: "residentId", documentNumber: demoResidentId(born, sequence) });
    await ask("POST", "/api/user/passengers", { name: "孙悟空", ...of(993) });
    const { page, context, complaints } = await visit(site, { language, width });
    await page.goto("/account");
    await page.getByRole("main").getByRole("button", { name: words.nav.login, exact: true }).click();
    await logIn(page, words, { username, password });
    const row = page.getByRole("listitem").filter({ hasText: "孙悟空" });
    await row.getByText(accountOf(words).passenger.proof.unavailable).waitFor();
    await row.getByRole("button", { name: accountOf(words).passenger.prove }).click();
    await row.getByText(accountOf(words).passenger.proof.unavailable).waitFor();
    expect(await fits(page)).toBe(true);
    await expectAccessible(page, "passengers that are not verified");

    await page.getByRole("button", { name: words.common.add, exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(accountOf(words).passenger.name, { exact: true }).fill("猪八戒");
    await dialog.getByLabel(accountOf(words).passenger.documentNumber).fill(of(991).documentNumber);
    await dialog.locator("form button[type=submit]").click();
    await dialog.getByText(refusals.IdentityRefused.say[language]).first().waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  },
);
