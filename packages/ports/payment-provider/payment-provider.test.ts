/** The bank in memory keeps the rules in both of its languages. */
import { epochMs, fen } from "@chepiao/kernel";
import { formNotices } from "./formNotices.suite.ts";
import { createMemoryProvider, jsonNotices, type NoticeLanguage, type RawNotice } from "./index.ts";
import { paymentProviderSuite } from "./payment-provider.suite.ts";

const languages = {
  memory: { language: jsonNotices("memory-secret"), isTaken: ({ status }) => status === 200 },
  "form fields under RSA": { language: formNotices, isTaken: ({ body }) => body === "success" },
} satisfies Record<string, { language: NoticeLanguage; isTaken: (reply: { status: number; body: string }) => boolean }>;

for (const [name, { language, isTaken }] of Object.entries(languages)) {
  paymentProviderSuite(name, () => {
    const provider = createMemoryProvider("memory", language);
    const notices = new Map<string, RawNotice>();
    return {
      provider,
      async pay(paymentNo) {
        notices.set(paymentNo, provider.pay(paymentNo, fen(55_300), epochMs(1_000)).notice);
      },
      notice: async (paymentNo) => notices.get(paymentNo)!,
      forged: (notice) =>
        [
          { merchantId: "somebody" },
          { paymentNo: "P00000000000000000" },
          { tradeNo: "T10" },
          { amountFen: 55_301 },
          { status: "failed" as const },
          { at: 1_001 },
          // Moving a character over the border between two fields must not keep the signature.
          { tradeNo: "T", paymentNo: "P004212345678901" },
        ].map((change) => language.forge(notice, change)),
      signsHeaders: true,
      isTaken,
    };
  });
}
