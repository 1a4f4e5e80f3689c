/**
 * A second language, for tests: form fields in the manner of Alipay, with amounts in yuan, an RSA signature over the sorted fields,
 * and the word `success` as what it wants to hear. It shows that a provider is a folder: nothing outside of it knows its words.
 */
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { formatYuan, fen, ok, refuse } from "@chepiao/kernel";
import type { NoticeFields, NoticeLanguage } from "./index.ts";

const bank = generateKeyPairSync("rsa", { modulusLength: 2_048 });

/** Alipay's names for what a notice says. */
const states = { paid: "TRADE_SUCCESS", failed: "TRADE_CLOSED" } as const;

type Fields = Readonly<Record<string, string>>;

export const formNotices: NoticeLanguage = {
  write(fields) {
    const unsigned = wordsOf(fields);
    const signature = sign("sha256", signedText(unsigned), bank.privateKey).toString("base64");
    return noticeOf({ ...unsigned, sign: signature, sign_type: "RSA2" });
  },

  read({ headers, body }) {
    if (!headers.get("content-type")?.startsWith(formType)) return refuse("malformed");
    const pairs = [...new URLSearchParams(new TextDecoder().decode(body))];
    const { sign: signature = "", sign_type: signType, ...words } = Object.fromEntries(pairs) as Fields;
    // A name that comes twice could be one thing to the check of the signature and another to the reader of the fields.
    if (new Set(pairs.map(([name]) => name)).size < pairs.length) return refuse("malformed");
    const isSigned =
      signType === "RSA2" && verify("sha256", signedText(words), bank.publicKey, Buffer.from(signature, "base64"));
    if (!isSigned) return refuse("signature");
    const fields = fieldsFrom(words);
    return fields ? ok(fields) : refuse("malformed");
  },

  forge({ body }, change) {
    const {
      sign: signature,
      sign_type: signType,
      ...words
    } = Object.fromEntries(new URLSearchParams(new TextDecoder().decode(body))) as Fields;
    return noticeOf({ ...words, ...wordsOf(change), sign: signature!, sign_type: signType! });
  },

  reply: (outcome) => ({
    status: 200,
    contentType: "text/plain",
    body: outcome === "received" ? "success" : "failure",
  }),
};

const formType = "application/x-www-form-urlencoded";

const noticeOf = (words: Fields) => ({
  headers: new Headers({ "content-type": `${formType}; charset=utf-8` }),
  body: new TextEncoder().encode(new URLSearchParams(words).toString()),
});

/** Every pair, sorted by name, each as JSON, so that no two notices look the same. */
const signedText = (words: Fields): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(words).toSorted(([a], [b]) => (a < b ? -1 : 1))));

function wordsOf({ merchantId, paymentNo, tradeNo, amountFen, status, at }: Partial<NoticeFields>): Fields {
  const words = {
    app_id: merchantId,
    out_trade_no: paymentNo,
    trade_no: tradeNo,
    total_amount: amountFen === undefined ? undefined : formatYuan(fen(amountFen)),
    trade_status: status && states[status],
    gmt_payment: at === undefined ? undefined : new Date(at).toISOString(),
  };
  return Object.fromEntries(Object.entries(words).filter(([, word]) => word !== undefined)) as Fields;
}

function fieldsFrom(words: Fields): NoticeFields | null {
  const { app_id, out_trade_no, trade_no, total_amount, trade_status, gmt_payment } = words;
  const yuan = /^(\d{1,9})\.(\d\d)$/.exec(total_amount ?? "");
  const at = Date.parse(gmt_payment ?? "");
  const status = (["paid", "failed"] as const).find((each) => states[each] === trade_status);
  if (!app_id || !out_trade_no || !trade_no || !yuan || !status || Number.isNaN(at)) return null;
  const amountFen = Number(yuan[1]) * 100 + Number(yuan[2]);
  return { merchantId: app_id, paymentNo: out_trade_no, tradeNo: trade_no, amountFen, status, at };
}
