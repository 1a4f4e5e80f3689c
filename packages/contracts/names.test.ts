/** Names of people, as they are on their documents. */
import { expect, test } from "bun:test";
import Value from "typebox/value";
import { PassengerDraft } from "./user.ts";

const isName = (name: string) => Value.Check(PassengerDraft.properties.name, name);

test("a name is taken in any script, and never with what no document has in one", () => {
  for (const name of [
    "张伟",
    "阿卜杜拉·买买提",
    "Anna-Lena O'Brien",
    "Łukasz Żak",
    "Нгуен Ван",
    "Jr. Smith, John",
    "𠮷田",
  ])
    expect([name, isName(name)]).toEqual([name, true]);
  for (const name of ["", "  ", "<b>1", "a\u0000b", 'x"y', "{{name}}", "张伟\n李娜", "a=b"])
    expect([name, isName(name)]).toEqual([name, false]);
});
