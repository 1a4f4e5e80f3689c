/** Where a text stops being JSON. Asked only after `JSON.parse` refused it, because the engine does not tell. */

const space = /[ \t\n\r]*/y;
const token =
  /(?:([{}[\],:])|("(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/uy;

type Expect = "value" | "valueOrEnd" | "key" | "keyOrEnd" | "colon" | "commaOrEnd" | "end";

/** The 0-based offset of the first character that cannot stand where it does; the length where the text ends too soon. */
export function jsonFaultAt(text: string): number {
  const open: ("{" | "[")[] = [];
  let expect: Expect = "value";
  let at = 0;
  const closed = (): Expect => (open.length === 0 ? "end" : "commaOrEnd");
  for (;;) {
    space.lastIndex = at;
    at += space.exec(text)![0].length;
    token.lastIndex = at;
    const match = token.exec(text);
    if (!match) return at;
    const [whole, mark, string] = match;
    const inside = open.at(-1);
    if (expect === "end") return at;
    if (expect === "colon") {
      if (mark !== ":") return at;
      expect = "value";
    } else if (expect === "key" || expect === "keyOrEnd") {
      if (string !== undefined) expect = "colon";
      else if (mark === "}" && expect === "keyOrEnd") {
        open.pop();
        expect = closed();
      } else return at;
    } else if (expect === "commaOrEnd") {
      if (mark === ",") expect = inside === "{" ? "key" : "value";
      else if (mark === (inside === "{" ? "}" : "]")) {
        open.pop();
        expect = closed();
      } else return at;
    } else if (mark === "{" || mark === "[") {
      open.push(mark);
      expect = mark === "{" ? "keyOrEnd" : "valueOrEnd";
    } else if (mark === "]" && expect === "valueOrEnd") {
      open.pop();
      expect = closed();
    } else if (mark === undefined) {
      expect = closed();
    } else return at;
    at += whole.length;
  }
}

/** `line 2, column 7`, both from 1. */
export function placeOf(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  return `${line}:${at - before.lastIndexOf("\n")}`;
}
