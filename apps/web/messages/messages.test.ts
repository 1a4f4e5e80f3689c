/** Both languages are complete, and no text hides outside of them. */
import { expect, test } from "bun:test";
import { appealEn } from "./appeal.en.ts";
import { appealZh } from "./appeal.zh.ts";
import { changeEn } from "./change.en.ts";
import { changeZh } from "./change.zh.ts";
import { en } from "./en.ts";
import { accountEn } from "./account.en.ts";
import { accountZh } from "./account.zh.ts";
import { groupsEn } from "./groups.en.ts";
import { groupsZh } from "./groups.zh.ts";
import { helpEn, helpTextsEn, topicsEn } from "./help.en.ts";
import { helpTextsZh, helpZh, topicsZh } from "./help.zh.ts";
import { journeysEn } from "./journeys.en.ts";
import { journeysZh } from "./journeys.zh.ts";
import { notificationsEn } from "./notifications.en.ts";
import { notificationsZh } from "./notifications.zh.ts";
import { receiptEn } from "./receipt.en.ts";
import { receiptZh } from "./receipt.zh.ts";
import { queueEn } from "./queue.en.ts";
import { queueZh } from "./queue.zh.ts";
import { slideEn } from "./slide.en.ts";
import { slideZh } from "./slide.zh.ts";
import { statusEn } from "./status.en.ts";
import { statusZh } from "./status.zh.ts";
import { ticketEn } from "./ticket.en.ts";
import { ticketZh } from "./ticket.zh.ts";
import { trainsEn } from "./trains.en.ts";
import { trainsZh } from "./trains.zh.ts";
import { waitlistEn } from "./waitlist.en.ts";
import { waitlistZh } from "./waitlist.zh.ts";
import { zh } from "./zh.ts";

type Entry = readonly [path: string, value: unknown];

/** Every leaf with its path. */
const entriesOf = (value: unknown, path = ""): Entry[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, each]) => entriesOf(each, path === "" ? key : `${path}.${key}`))
    : [[path, value]];

const cjk = /[\u2e80-\u9fff\uff00-\uffef]/;
/** Where each language names the other. */
const otherLanguage = new Set(["nav.language"]);
/** Said by the other parts of the sentence in one of the languages. */
const mayBeEmpty = new Set(["kinds.none", "search.fromBefore", "search.fromAfter"]);

test("every key is there in both languages, and says something", () => {
  const chinese = entriesOf(zh);
  const english = new Map(entriesOf(en));
  expect([...english.keys()].sort()).toEqual(chinese.map(([path]) => path).sort());
  for (const [path, value] of [...chinese, ...english]) {
    expect(`${path}: ${typeof value}`).toBe(`${path}: ${typeof english.get(path)}`);
    if (typeof value === "string" && !mayBeEmpty.has(path)) expect(`${path}: ${value.trim()}`).not.toBe(`${path}: `);
  }
});

test("the rules are told in both languages, section by section", () => {
  expect(helpEn.map((section) => section.length)).toEqual(helpZh.map((section) => section.length));
  expect(helpEn.flat().filter((text) => cjk.test(text))).toEqual([]);
  expect(helpZh.flat().filter((text) => !cjk.test(text))).toEqual([]);
  const said = (texts: object) =>
    entriesOf(texts).map(([path, text]) => ({
      path,
      text: typeof text === "function" ? String((text as (given: string) => string)("9")) : String(text),
    }));
  for (const [chinese, english] of [
    [topicsZh, topicsEn],
    [helpTextsZh, helpTextsEn],
  ] as const) {
    expect(said(english).map(({ path }) => path)).toEqual(said(chinese).map(({ path }) => path));
    expect(said(english).filter(({ text }) => cjk.test(text))).toEqual([]);
    expect(said(chinese).filter(({ text }) => !cjk.test(text))).toEqual([]);
    // The railway's name stands in both or in neither.
    const named = (texts: object) => said(texts).filter(({ text }) => text.includes("{railway}"));
    expect(named(english).map(({ path }) => path)).toEqual(named(chinese).map(({ path }) => path));
  }
});

test("the picture to put right is told of in both languages, key by key", () => {
  expect(Object.keys(slideEn)).toEqual(Object.keys(slideZh));
  expect(Object.values(slideEn).filter((text) => cjk.test(text))).toEqual([]);
  expect(Object.values(slideZh).filter((text) => !cjk.test(text))).toEqual([]);
});

test("the queue is told in both languages, key by key", () => {
  const said = (texts: object) =>
    entriesOf(texts).map(([path, text]) => [
      path,
      typeof text === "function" ? String((text as (...given: string[]) => string)("9", "8")) : String(text),
    ]);
  const [chinese, english] = [said(queueZh), said(queueEn)];
  expect(english.map(([path]) => path)).toEqual(chinese.map(([path]) => path));
  expect(english.filter(([, text]) => cjk.test(text!))).toEqual([]);
  expect(chinese.filter(([, text]) => !cjk.test(text!))).toEqual([]);
});

test("what becomes of trains is told in both languages", () => {
  const sayings = (texts: Readonly<Record<string, unknown>>) =>
    Object.entries(texts).map(([key, text]) => [
      key,
      typeof text === "function" ? String((text as (given: string) => string)("9")) : text,
    ]);
  expect(Object.keys(statusEn)).toEqual(Object.keys(statusZh));
  expect(sayings(statusEn).filter(([, text]) => cjk.test(text as string))).toEqual([]);
  expect(sayings(statusZh).filter(([, text]) => !cjk.test(text as string))).toEqual([]);
});

test("journeys, single trains, groups, accounts and tickets are told in both languages, key by key", () => {
  const said = (messages: unknown) =>
    entriesOf(messages).map(([path, text]) => [
      path,
      typeof text === "function" ? String((text as (...given: unknown[]) => string)(2, 3, "4")) : String(text),
    ]);
  for (const [zhTexts, enTexts] of [
    [journeysZh, journeysEn],
    [trainsZh, trainsEn],
    [groupsZh, groupsEn],
    [accountZh, accountEn],
    [ticketZh, ticketEn],
    [notificationsZh, notificationsEn],
    [appealZh, appealEn],
  ]) {
    const [chinese, english] = [said(zhTexts), said(enTexts)];
    expect(english.map(([path]) => path)).toEqual(chinese.map(([path]) => path));
    expect(english.filter(([, text]) => cjk.test(text!))).toEqual([]);
  }
});

test("the waitlist is told in both languages, key by key", () => {
  const said = (messages: unknown) =>
    entriesOf(messages).map(([path, text]) => [
      path,
      typeof text === "function" ? String((text as (...given: unknown[]) => string)(2, 3, "4")) : String(text),
    ]);
  const [chinese, english] = [said(waitlistZh), said(waitlistEn)];
  expect(english.map(([path]) => path)).toEqual(chinese.map(([path]) => path));
  expect(english.filter(([, text]) => cjk.test(text!) || text === "")).toEqual([]);
  expect(chinese.filter(([, text]) => !cjk.test(text!))).toEqual([]);
});

test("changes are told in both languages, key by key, and nothing is left over that no page says", async () => {
  const said = (messages: unknown) =>
    entriesOf(messages).map(([path, text]) => [
      path,
      typeof text === "function" ? String((text as (...given: string[]) => string)("1", "2", "3")) : String(text),
    ]);
  const [chinese, english] = [said(changeZh), said(changeEn)];
  expect(english.map(([path]) => path)).toEqual(chinese.map(([path]) => path));
  expect(english.filter(([, text]) => cjk.test(text!) || text === "")).toEqual([]);
  expect(chinese.filter(([, text]) => !cjk.test(text!))).toEqual([]);
  let sources = "";
  for await (const path of new Bun.Glob("features/{change,orders}/*.tsx").scan(`${import.meta.dir}/..`))
    sources += await Bun.file(`${import.meta.dir}/../${path}`).text();
  expect(Object.keys(changeZh).filter((key) => !new RegExp(`texts\\.${key}\\b`).test(sources))).toEqual([]);
});

test("receipts are told in both languages, and nothing is left over that no page says", async () => {
  const said = (messages: object) =>
    Object.entries(messages).map(([key, text]: [string, unknown]) => [
      key,
      typeof text === "function" ? String((text as (given: string) => string)("1")) : String(text),
    ]);
  const [chinese, english] = [said(receiptZh), said(receiptEn)];
  expect(english.map(([key]) => key)).toEqual(chinese.map(([key]) => key));
  expect(english.filter(([, text]) => cjk.test(text!) || text === "")).toEqual([]);
  expect(chinese.filter(([, text]) => !cjk.test(text!))).toEqual([]);
  const page = await Bun.file(`${import.meta.dir}/../features/receipt/ReceiptPage.tsx`).text();
  expect(Object.keys(receiptZh).filter((key) => !new RegExp(`texts\\.${key}\\b`).test(page))).toEqual([]);
});

test("no message of the waitlist is left over that no page says", async () => {
  let sources = "";
  for await (const path of new Bun.Glob("features/{waitlist,book}/*.{ts,tsx}").scan(`${import.meta.dir}/..`))
    sources += await Bun.file(`${import.meta.dir}/../${path}`).text();
  const keys = Object.keys(waitlistZh);
  expect(keys.filter((key) => !new RegExp(`texts\\.${key}\\b|\\{ ${key} \\}`).test(sources))).toEqual([]);
});

test("the English messages have nothing Chinese in them, and the Chinese ones are Chinese", () => {
  for (const [path, value] of entriesOf(en)) {
    if (typeof value === "string" && !otherLanguage.has(path)) expect(`${path}: ${value}`).not.toMatch(cjk);
  }
  const plain = entriesOf(zh).filter(
    ([path, value]) => typeof value === "string" && value.length > 1 && !otherLanguage.has(path),
  );
  const strange = plain.filter(([path, value]) => !cjk.test(value as string) && !mayBeEmpty.has(path));
  expect(strange).toEqual([]);
});

test("no text stands outside the messages: neither Chinese in the sources nor English in the pages", async () => {
  const root = `${import.meta.dir}/..`;
  const found: string[] = [];
  for await (const path of new Bun.Glob("**/*.{ts,tsx}").scan(root)) {
    if (
      path.startsWith("e2e/") ||
      path.includes(".test.") ||
      path === "messages/zh.ts" ||
      path === "messages/change.zh.ts" ||
      path === "messages/help.zh.ts" ||
      path === "messages/status.zh.ts" ||
      path === "messages/queue.zh.ts" ||
      path === "messages/appeal.zh.ts" ||
      path === "messages/slide.zh.ts" ||
      path === "messages/journeys.zh.ts" ||
      path === "messages/receipt.zh.ts" ||
      path === "messages/notifications.zh.ts" ||
      path === "messages/trains.zh.ts" ||
      path === "messages/groups.zh.ts" ||
      path === "messages/account.zh.ts" ||
      path === "messages/ticket.zh.ts" ||
      path === "messages/waitlist.zh.ts"
    )
      continue;
    const text = await Bun.file(`${root}/${path}`).text();
    const lines = text.split("\n");
    lines.forEach((line, n) => {
      if (cjk.test(line)) found.push(`${path}:${n + 1} ${line.trim()}`);
      // Words between tags, or in an attribute that people read.
      const bare =
        /^\s*[A-Z][a-z]+( [a-z]+)+[.…]?\s*$/.test(line) || /(?:aria-label|title|alt|placeholder)="[A-Za-z]/.test(line);
      if (path.endsWith(".tsx") && bare) found.push(`${path}:${n + 1} ${line.trim()}`);
      if (/>[^<>{}=;]*[A-Za-z]{3,}[^<>{}=;()]*<\//.test(line) && path.endsWith(".tsx") && !/=>|[?:&|]/.test(line))
        found.push(`${path}:${n + 1} ${line.trim()}`);
    });
  }
  expect(found).toEqual([]);
});

/** Keys with numbers that no railway sets. */
const ownNumbers: ReadonlySet<string> = new Set([
  // The form of a resident id (GB 11643).
  "idLength",
  "idLetters",
  // What a username and a password have at least are the platform's.
  "usernameHint",
  "passwordHint",
  // An example of a day; one in words.
  "findHint",
  "count",
  "changes",
]);

test("no number of a railway's rules stands in a text: it is a parameter", async () => {
  const found: string[] = [];
  for await (const path of new Bun.Glob("{*.zh,*.en,zh,en}.ts").scan(import.meta.dir)) {
    let key = "";
    for (const line of (await Bun.file(`${import.meta.dir}/${path}`).text()).split("\n")) {
      key = /^ *(\w+):/.exec(line)?.[1] ?? key;
      // Plurals, letters written as codes, and months that are counted from 0 are no numbers that anybody reads; midnight is one everywhere.
      const inCode = /=== [01]\b|\\u[0-9a-f]{4}|padStart\(2, "0"\)|\[month - 1\]/g;
      const said = line.replaceAll(inCode, "").replaceAll(/WCAG 2\.2|200%|24 点/g, "");
      if (!ownNumbers.has(key) && /\d/.test(said)) found.push(`${path}: ${line.trim()}`);
    }
  }
  expect(found).toEqual([]);
});

/** Words that people read otherwise than they were meant, or did not understand: each is said better somewhere by now. */
const misread = [
  /常走的方向|Often travelled/,
  /有座时不售|^when full$/,
  /^Log in to go on$/,
  /先在车票上标出|^Seat wish of/,
  /怎么算坐在一起|What "together" means|Who may buy which/,
  /刚刚卖完/,
  /^Waiting for payment$|free again|book anew|are let go/,
  /^Decline$|declined payment/i,
  /^Choose the tickets to give back$|goes back the way it came/,
  /让它退出|^End$/,
  /^没有该订单$|^There is no such order$/,
  /残军票|^Usual ticket$/,
  /^A mainland mobile/,
];

test("words that were misread do not come back", async () => {
  const found: string[] = [];
  for await (const path of new Bun.Glob("{*.zh,*.en,zh,en}.ts").scan(import.meta.dir)) {
    const text = await Bun.file(`${import.meta.dir}/${path}`).text();
    for (const [, said] of text.matchAll(/["`]((?:[^"`\\]|\\.)+)["`]/g))
      for (const word of misread) if (word.test(said!)) found.push(`${path}: ${said}`);
  }
  expect(found).toEqual([]);
});

/** Looked up by a word of the trade, as `messages.classes[seatClass]`. */
const lookedUp = /^(weekdays|types|classes|ticketTypes|ticketTypeRules|documents|preferences|kinds|berths)\b/;

test("no message is left over that no page says", async () => {
  let sources = "";
  for await (const path of new Bun.Glob("**/*.{ts,tsx}").scan(`${import.meta.dir}/..`)) {
    const isSource = !path.startsWith("messages/") && !path.startsWith("e2e/") && !path.includes(".test.");
    if (isSource) sources += await Bun.file(`${import.meta.dir}/../${path}`).text();
  }
  const isSaid = (path: string): boolean => {
    const steps = path.split(".");
    const groups = steps.map((_, n) => steps.slice(0, n).join(".")).filter((group) => group.includes("."));
    const of = (place: string) => `(?:messages|texts)\\.${place.replaceAll(".", "\\.")}`;
    return (
      lookedUp.test(path) ||
      new RegExp(`${of(path)}\\b`).test(sources) ||
      groups.some((group) => new RegExp(`${of(group)}(\\[|;|\\)|,|\\.map\\()`).test(sources))
    );
  };
  expect(Object.keys(ticketZh).filter((key) => !sources.includes(`ticketTexts.${key}`))).toEqual([]);
  const all = [...entriesOf(zh), ...entriesOf(accountZh)];
  expect(all.flatMap(([path]) => (isSaid(path) ? [] : [path]))).toEqual([]);
});
