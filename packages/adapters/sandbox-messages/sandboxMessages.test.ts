/** Practice messages: what is kept, and what the page shows to whom. */
import { expect, test } from "bun:test";
import type { Message } from "@chepiao/contracts";
import { dayMs, epochMs, secondMs, type ZoneName } from "@chepiao/kernel";
import { createManualClock } from "@chepiao/ports/clock";
import { createMemorySentMessages } from "@chepiao/ports/messenger";
import { messengerSuite } from "@chepiao/ports/messenger/messenger.suite.ts";
import { createMemoryVault } from "@chepiao/ports/vault";
import { contentPlace, createSandboxMessages } from "./sandboxMessages.ts";

function open() {
  const messages = createMemorySentMessages();
  const vault = createMemoryVault();
  const clock = createManualClock(epochMs(Date.parse("2026-11-22T09:00:00+08:00")));
  const sandbox = createSandboxMessages({ messages, vault, clock, zone: async () => "Asia/Shanghai" as ZoneName });
  const page = async (query: string, language = "en") => {
    const request = new Request(`http://localhost/sandbox/messages/inbox${query}`, {
      headers: { "accept-language": language },
    });
    return (await (await sandbox.fetch(request))!.text()).replaceAll(/\s+/g, " ");
  };
  return { sandbox, messages, vault, clock, page };
}

messengerSuite("sandbox", () => {
  const { sandbox, messages, vault } = open();
  return {
    messenger: sandbox,
    async sentTo(to) {
      const kept = await messages.of(vault.fingerprint(`recipient:${to}`), 100);
      return kept
        .toReversed()
        .map(
          ({ messageId, contentSealed }) => JSON.parse(vault.open(contentSealed, contentPlace(messageId))) as Message,
        );
    },
  };
});

const code = (messageId: string, facts = { code: "12345678", minutes: 10 }): Message => ({
  messageId,
  channel: "sms",
  to: "13900000001",
  template: "passwordResetCode",
  facts,
  language: "en",
});

test("the page shows what was sent to the number that is asked for, newest first, and nothing before", async () => {
  const { sandbox, clock, page } = open();
  await sandbox.send(code("a"));
  await clock.advance(secondMs);
  await sandbox.send(code("b", { code: "87654321", minutes: 10 }));
  const shown = await page("?to=13900000001");
  expect(shown).toContain("chepiao: 12345678 is your code for a new password, valid for 10 minutes.");
  expect(shown.indexOf("87654321")).toBeLessThan(shown.indexOf("12345678"));
  expect(shown).toContain("2026-11-22 09:00:00");
  for (const query of ["", "?to=", "?to=13900000002"]) expect(await page(query)).not.toContain("12345678");
  expect(await page("?to=13900000002")).toContain("Nothing was sent to it lately.");
  await sandbox.send({ ...code("c", { code: "55555555", minutes: 10 }), channel: "mail", to: "Erik@example.com" });
  expect(await page("?to=erik%40example.com")).toContain("55555555");
  expect(await page("", "zh-CN")).toContain("演示消息箱");
});

test("a message is gone from the page and from the store after a day", async () => {
  const { sandbox, messages, vault, clock, page } = open();
  await sandbox.send(code("a"));
  await clock.advance(dayMs);
  expect(await page("?to=13900000001")).not.toContain("12345678");
  await clock.advance(1);
  await sandbox.send({ ...code("b"), to: "13900000002" });
  expect(await messages.of(vault.fingerprint("recipient:13900000001"), 10)).toEqual([]);
});

test("what is kept shows neither phone nor code", async () => {
  const { sandbox, messages, vault } = open();
  await sandbox.send(code("a"));
  const text = JSON.stringify(await messages.of(vault.fingerprint("recipient:13900000001"), 10));
  for (const secret of ["13900000001", "12345678"]) expect(text).not.toContain(secret);
});

test("what comes from outside is escaped, and other addresses and methods are not its own", async () => {
  const { sandbox, page } = open();
  const shown = await page(`?to=${encodeURIComponent('"><script>alert(1)</script>')}`);
  expect(shown).not.toContain("<script>");
  expect(await sandbox.fetch(new Request("http://localhost/sandbox/messages/"))).toBeNull();
  expect(await sandbox.fetch(new Request("http://localhost/sandbox/pay/x"))).toBeNull();
  const posted = await sandbox.fetch(new Request("http://localhost/sandbox/messages/inbox", { method: "POST" }));
  expect(posted?.status).toBe(405);
});
