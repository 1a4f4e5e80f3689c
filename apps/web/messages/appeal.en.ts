/** Appeals against a block. */
import type { AppealMessages } from "./appeal.zh.ts";

export const appealEn: AppealMessages = {
  title: "Appeal",
  blockedAs: "Reference of the block",
  loginNote: "Log in to send an appeal, and to read what became of it.",
  how: "If you think that the block is wrong, say why. Staff of the railway read it, and their answer stands on this page. You can appeal once for each reference.",
  text: "What we should consider",
  textHint: (most) => `${most} characters at most. Please leave out document numbers and passwords.`,
  empty: "Please write what we should consider.",
  send: "Send the appeal",
  sending: "Sending…",
  sentAt: "Sent",
  yourText: "Your words",
  answer: "Answer",
  state: {
    open: "It is sent, and waits for an answer. This page updates by itself; you can also come back later.",
    granted: "The appeal is granted and the block is lifted. You can buy again.",
    refused: "The appeal is refused. The block stays.",
    over: "The block has ended before an answer was given. You can buy again.",
  },
  short: { open: "Waiting for an answer", granted: "Granted", refused: "Refused", over: "The block has ended" },
  list: "Appeals",
  toSearch: "Search trains",
};
