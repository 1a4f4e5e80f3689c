/** Every kind has its words in both languages, and each of them says all that its kind has to say. */
import { expect, test } from "bun:test";
import { notificationKinds } from "@chepiao/contracts";
import { notificationTexts } from "./texts.ts";

const cjk = /[\u3400-\u9fff]/;
const namesIn = (text: string) => [...text.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name!).toSorted();

test.each(notificationKinds)("%s has a title and a text in both languages, with the same facts in each", (kind) => {
  const { title, text, variables } = notificationTexts[kind];
  for (const words of [title.zh, text.zh]) expect(words).toMatch(cjk);
  for (const words of [title.en, text.en]) expect(words).not.toMatch(cjk);
  expect({ zh: namesIn(text.zh), en: namesIn(text.en) }).toEqual({
    zh: variables.toSorted(),
    en: variables.toSorted(),
  });
  expect(namesIn(title.zh + title.en)).toEqual([]);
});
