/** The rules by which the owner of an account has another phone: nobody else gets it, and nobody else loses one by it. */
import { expect, test } from "bun:test";
import type { SessionView, User } from "@chepiao/contracts";
import { minuteMs, type UserId } from "@chepiao/kernel";
import type { UserStore } from "@chepiao/ports/user-store";
import { codeOf, createProcess, registration, type Stores } from "./user.suite.ts";

type Process = ReturnType<typeof createProcess>;
const password = "correct horse";
const next = "13712345678";

const lastCode = ({ messenger }: Process) => String(messenger.sent.at(-1)!.facts["code"]);
const ask = (of: Process, session: SessionView, contact = next, given = password) =>
  of.call("askContactChange", { session, body: { contact, password: given } });
const change = (of: Process, session: SessionView, code: string, contact = next) =>
  of.call("changeContact", { session, body: { contact, code } });
const logIn = (of: Process, username: string) => of.call("login", { body: { username, password } });
const provedAccount = async (of: Process, n: number): Promise<SessionView> => {
  const { session } = await of.enter(n);
  await of.proveContact(session);
  return session;
};

export function contactChangeSuite(stores: string, open: () => Promise<Stores> | Stores): void {
  test(`${stores}: a phone is changed by a code that was sent to the new one and the password; the old one is told, and free`, async () => {
    const here = createProcess(await open());
    const session = await provedAccount(here, 1);
    const elsewhere = await here.logIn(1);
    const old = registration(1).phone;
    here.bodyOf(await ask(here, session, " +86 137-1234-5678 "));
    expect(here.messenger.sent.at(-1)).toMatchObject({ channel: "sms", to: next, template: "phoneProofCode" });
    const changed = here.bodyOf(await change(here, session, lastCode(here))) as User;
    expect(changed).toMatchObject({ phoneMasked: "137****5678", contactProved: true });
    await here.room.close();
    expect(here.messenger.sent.at(-1)).toMatchObject({ channel: "sms", to: old, template: "phoneChanged" });
    expect([codeOf(await logIn(here, next)), codeOf(await logIn(here, old))]).toEqual(["ok", "WrongCredentials"]);
    // Whoever was logged in elsewhere is not any more, and this session goes on.
    const { token } = here.bodyOf(elsewhere) as { token: string };
    expect(await here.room.client.authenticate(token)).toBeNull();
    expect(codeOf(await here.call("me", { session }))).toBe("ok");
    await provedAccount(here, 2);
    const other = (await here.enter(3, { phone: old })).session;
    await here.proveContact(other);
    expect(codeOf(await logIn(here, old))).toBe("ok");
  });

  test(`${stores}: without the password no code is sent, and guessing it there counts as at log-in`, async () => {
    const here = createProcess(await open());
    const session = await provedAccount(here, 1);
    const sent = here.messenger.sent.length;
    const heard = [];
    for (let tries = 0; tries < 11; tries++)
      heard.push(codeOf(await ask(here, session, next, `guess number ${tries}`)));
    expect(heard).toEqual([...Array<string>(10).fill("PasswordWrong"), "TooManyRequests"]);
    expect(here.messenger.sent).toHaveLength(sent);
  });

  test(`${stores}: a code is for the one phone it was sent to, for one use, few tries and little time, and for nothing else`, async () => {
    const here = createProcess(await open());
    const session = await provedAccount(here, 1);
    here.bodyOf(await ask(here, session));
    const code = lastCode(here);
    expect(codeOf(await change(here, session, code, "13700000009"))).toBe("ContactCodeWrong");
    expect(codeOf(await here.call("proveContact", { session, body: { code } }))).toBe("ContactCodeWrong");
    const reset = { username: "traveller1", code, password: "another sentence" };
    expect(codeOf(await here.call("resetPassword", { body: reset }))).toBe("ResetCodeWrong");
    here.bodyOf(await change(here, session, code));
    expect(codeOf(await change(here, session, code))).toBe("ContactCodeWrong");
    here.bodyOf(await ask(here, session, "13700000001"));
    const second = lastCode(here);
    for (let tries = 0; tries < 5; tries++)
      expect(codeOf(await change(here, session, "00000000", "13700000001"))).toBe("ContactCodeWrong");
    expect(codeOf(await change(here, session, second, "13700000001"))).toBe("ContactCodeWrong");
    here.bodyOf(await ask(here, session, "13700000002"));
    await here.clock.advance(10 * minuteMs);
    expect(codeOf(await change(here, session, lastCode(here), "13700000002"))).toBe("ContactCodeWrong");
  });

  test(`${stores}: nobody hears that a phone is another's who has not read a code there, and it stays the other's`, async () => {
    const here = createProcess(await open());
    await provedAccount(here, 1);
    const session = await provedAccount(here, 2);
    const theirs = registration(1).phone;
    expect([codeOf(await ask(here, session, theirs)), codeOf(await ask(here, session, next))]).toEqual(["ok", "ok"]);
    here.bodyOf(await ask(here, session, theirs));
    expect(codeOf(await change(here, session, lastCode(here), theirs))).toBe("ContactTaken");
    expect(here.bodyOf(await logIn(here, theirs))).toMatchObject({ user: { username: "traveller1" } });
    expect(here.bodyOf(await logIn(here, registration(2).phone))).toMatchObject({ user: { username: "traveller2" } });
  });

  test(`${stores}: of two accounts that change to one phone at once, with a code each, one has it and the other keeps its own`, async () => {
    const here = createProcess(await open());
    const sessions = [await provedAccount(here, 1), await provedAccount(here, 2)];
    const codes: string[] = [];
    for (const session of sessions) {
      here.bodyOf(await ask(here, session));
      codes.push(lastCode(here));
    }
    const answers = await Promise.all(sessions.map((session, n) => change(here, session, codes[n]!)));
    expect(answers.map(codeOf).toSorted()).toEqual(["ContactTaken", "ok"]);
    const [winner, loser] = codeOf(answers[0]!) === "ok" ? ([1, 2] as const) : ([2, 1] as const);
    const holder = async (phone: string) => here.bodyOf(await logIn(here, phone));
    expect(await holder(next)).toMatchObject({ user: { username: `traveller${winner}` } });
    expect(await holder(registration(loser).phone)).toMatchObject({ user: { username: `traveller${loser}` } });
  });

  test(`${stores}: a code for a new password that went to the phone before is none once the account has another`, async () => {
    const here = createProcess(await open());
    const session = await provedAccount(here, 1);
    await here.call("askPasswordReset", { body: { username: "traveller1" }, address: "10.4.0.1" });
    await here.room.close();
    const stale = lastCode(here);
    here.bodyOf(await ask(here, session));
    here.bodyOf(await change(here, session, lastCode(here)));
    const reset = { username: "traveller1", code: stale, password: "another sentence" };
    expect(codeOf(await here.call("resetPassword", { body: reset }))).toBe("ResetCodeWrong");
  });

  test(`${stores}: who proves a phone while the account changes to another does not keep the one before from anybody`, async () => {
    const opened = await open();
    /** What another request does while a proof is under way. */
    let meanwhile = async () => {};
    const users: UserStore = {
      ...opened.users,
      async proveContact(...asked) {
        await meanwhile();
        return opened.users.proveContact(...asked);
      },
    };
    const here = createProcess({ ...opened, users });
    const { session } = await here.enter(1);
    here.bodyOf(await ask(here, session));
    const code = lastCode(here);
    here.bodyOf(await here.call("askContactCode", { session }));
    const proof = lastCode(here);
    meanwhile = async () => void here.bodyOf(await change(here, session, code));
    expect(codeOf(await here.call("proveContact", { session, body: { code: proof } }))).toBe("ContactCodeWrong");
    meanwhile = async () => {};
    expect((await opened.users.byId(session.userId as UserId))?.phoneMasked).toBe("137****5678");
    const other = (await here.enter(2, { phone: registration(1).phone })).session;
    await here.proveContact(other);
  });

  test(`${stores}: a code for another phone is none once the password is another, also in the session that changed it`, async () => {
    const here = createProcess(await open());
    const session = await provedAccount(here, 1);
    here.bodyOf(await ask(here, session));
    const code = lastCode(here);
    const body = { oldPassword: password, newPassword: "another sentence" };
    here.bodyOf(await here.call("changePassword", { session, body }));
    expect(codeOf(await change(here, session, code))).toBe("ContactCodeWrong");
  });

  test(`${stores}: a phone that is not theirs gets few codes from all accounts together, and none of its owner's are among them`, async () => {
    const here = createProcess(await open());
    const owner = await provedAccount(here, 1);
    const theirs = registration(1).phone;
    const heard = [];
    for (const n of [2, 3, 4, 5]) heard.push(codeOf(await ask(here, await provedAccount(here, n), theirs)));
    expect(heard).toEqual(["ok", "ok", "ok", "TooManyRequests"]);
    for (let n = 0; n < 4; n++) expect(codeOf(await here.call("askContactCode", { session: owner }))).toBe("ok");
  });
}
