/** What the bank's pages say, in both languages. */
import type { Behaviour } from "./behaviours.ts";

export type Language = "zh" | "en";

type PageTexts = {
  readonly bank: string;
  readonly notReal: string;
  readonly payTo: string;
  readonly what: string;
  readonly number: string;
  readonly payBy: string;
  readonly left: (minutes: number, seconds: number) => string;
  readonly over: string;
  readonly overNote: string;
  readonly pay: string;
  readonly decline: string;
  readonly options: string;
  readonly how: string;
  readonly behaviour: Readonly<Record<Behaviour, string>>;
  readonly seconds: string;
  readonly paid: string;
  readonly promised: string;
  readonly trade: string;
  readonly givenBack: string;
  readonly back: string;
  readonly unknown: string;
  readonly tooLate: string;
  readonly badForm: string;
};

export const pageTextsOf: Readonly<Record<Language, PageTexts>> = {
  zh: {
    bank: "沙盒银行",
    notReal: "这是演示用的收银台，不涉及真实资金。",
    payTo: "收款方",
    what: "商品",
    number: "支付单号",
    payBy: "支付截止",
    left: (minutes, seconds) => `还剩 ${minutes} 分 ${seconds} 秒`,
    over: "已过支付时间",
    overNote: "订单可能已经取消。此时付款，款项将自动退回。",
    pay: "确认支付",
    decline: "放弃支付",
    options: "演示选项",
    how: "让银行如何表现？",
    behaviour: {
      normal: "正常：立即通知商户",
      late: "通知迟到",
      captureLate: "扣款迟到（可先取消订单，再看自动退款）",
      twice: "同一通知发送两次",
      never: "从不通知（由商户主动查询）",
      payTwice: "重复扣款两笔（多收的一笔将退回）",
      slow: "银行响应缓慢",
    },
    seconds: "迟到秒数",
    paid: "支付成功",
    promised: "银行稍后扣款",
    trade: "交易号",
    givenBack: "已退回",
    back: "返回商户",
    unknown: "没有这张支付单。",
    tooLate: "已过支付时间，银行只能以“迟到”的方式收款。",
    badForm: "表单内容有误，请返回重试。",
  },
  en: {
    bank: "Sandbox Bank",
    notReal: "This is a demonstration. No money is real.",
    payTo: "Payee",
    what: "For",
    number: "Payment",
    payBy: "Pay by",
    left: (minutes, seconds) => `${minutes} min ${seconds} s left`,
    over: "The time to pay has passed",
    overNote: "The order has probably ended. If you pay now, the money comes back by itself.",
    pay: "Pay",
    decline: "Cancel payment",
    options: "Demonstration options",
    how: "How should the bank behave?",
    behaviour: {
      normal: "Normally: tell the merchant at once",
      late: "Tell the merchant late",
      captureLate: "Take the money late (cancel the order meanwhile and watch it come back)",
      twice: "Send the same notice twice",
      never: "Never tell (the merchant has to ask)",
      payTwice: "Take the money twice (one of them comes back)",
      slow: "Be slow at everything",
    },
    seconds: "Seconds late",
    paid: "Paid",
    promised: "The bank takes the money shortly",
    trade: "Trade",
    givenBack: "Given back",
    back: "Back to the merchant",
    unknown: "There is no such payment.",
    tooLate: "The time to pay has passed: the bank can only take this money late.",
    badForm: "The form was not understood. Please go back and try again.",
  },
};

/** The first of our languages in order of preference; Chinese where none is named. */
export function languageOf(header: string | null): Language {
  const wished = (header ?? "")
    .split(",")
    .map((item) => {
      const [tag = "", ...parameters] = item.trim().toLowerCase().split(";");
      const weight = parameters.map((each) => /^\s*q=([\d.]+)/.exec(each)?.[1]).find((found) => found !== undefined);
      return { language: tag.split("-")[0], weight: Number(weight ?? 1) };
    })
    .filter(({ language, weight }) => (language === "zh" || language === "en") && weight > 0)
    .toSorted((a, b) => b.weight - a.weight);
  return wished[0]?.language === "en" ? "en" : "zh";
}
