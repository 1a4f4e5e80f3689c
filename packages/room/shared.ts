/** Settings that several rooms and engines go by. */
import { ifSaid, setting, text, yesOrNo } from "./setting.ts";

export const publicUrl = setting(
  "PUBLIC_URL",
  "",
  "How passengers reach this site; empty for http://localhost:PORT.",
  text,
);

export const practice = setting(
  "CHEPIAO_PRACTICE",
  "",
  "1 to show messages to travellers on a page instead of sending them, 0 not to; empty: without PUBLIC_URL.",
  ifSaid(yesOrNo),
);
