/** What a notification says, as data: by kind, in both languages. `{name}` is where a fact goes; which ones a kind has is said beside it. */
import type { InBoth, NotificationKind } from "@chepiao/contracts";

export const variables = ["orderNo", "trips", "count", "money", "fee"] as const;
export type Variable = (typeof variables)[number];

export type NotificationText = {
  readonly title: InBoth;
  readonly text: InBoth;
  /** Each stands in the text of each language. */
  readonly variables: readonly Variable[];
};

export const notificationTexts: Readonly<Record<NotificationKind, NotificationText>> = {
  ticketsBooked: {
    title: { zh: "购票成功", en: "Your tickets are booked" },
    text: {
      zh: "订单 {orderNo} 已支付 {money}，出票 {count} 张：{trips}。",
      en: "Order {orderNo} is paid, {money}. Tickets: {count}. {trips}.",
    },
    variables: ["orderNo", "money", "count", "trips"],
  },
  ticketsChanged: {
    title: { zh: "车票已更换", en: "Your tickets are changed" },
    text: {
      zh: "改签后的订单 {orderNo}，车票 {count} 张，票价 {money}：{trips}。原车票已失效，更换原因请查看订单。",
      en: "Order {orderNo} has the new tickets: {count}, fares {money}. {trips}. The old ones are no longer valid; the order says why.",
    },
    variables: ["orderNo", "count", "money", "trips"],
  },
  stationChanged: {
    title: { zh: "变更到站成功", en: "Your destination is changed" },
    text: {
      zh: "变更到站后的订单 {orderNo}，车票 {count} 张，票价 {money}：{trips}。原车票已失效。",
      en: "Order {orderNo} has the tickets to the new destination: {count}, fares {money}. {trips}. The old ones are no longer valid.",
    },
    variables: ["orderNo", "count", "money", "trips"],
  },
  ticketsReturned: {
    title: { zh: "退票成功", en: "Tickets were returned" },
    text: {
      zh: "订单 {orderNo} 共退票 {count} 张（{trips}），退款 {money} 将原路退回，已扣除退票费 {fee}。",
      en: "Returned tickets of order {orderNo} so far: {count}. {trips}. {money} goes back the way it was paid, after a fee of {fee}.",
    },
    variables: ["orderNo", "count", "trips", "money", "fee"],
  },
  refundArrived: {
    title: { zh: "退款已到账", en: "Your refund was paid back" },
    text: {
      zh: "订单 {orderNo} 已退票 {count} 张（{trips}），退款合计 {money} 已原路退回。银行入账可能还需要一些时间。",
      en: "Returned tickets of order {orderNo}: {count}. {trips}. {money} in all was paid back the way it came; a bank may take a while to show it.",
    },
    variables: ["orderNo", "count", "trips", "money"],
  },
  waitlistServed: {
    title: { zh: "候补购票成功", en: "The waitlist got you tickets" },
    text: {
      zh: "候补订单已兑现为订单 {orderNo}，出票 {count} 张，票价 {money}：{trips}。",
      en: "Your entry became order {orderNo}. Tickets: {count}, fares {money}. {trips}.",
    },
    variables: ["orderNo", "count", "money", "trips"],
  },
  waitlistEnded: {
    title: { zh: "候补订单已退单", en: "Your waitlist entry has ended" },
    text: {
      zh: "候补订单 {orderNo}（{trips}）未能兑现或已取消，预付款 {money} 将原路退回。",
      en: "Entry {orderNo} ended without tickets: {trips}. Its prepayment of {money} goes back the way it was paid.",
    },
    variables: ["orderNo", "trips", "money"],
  },
  moneyReturned: {
    title: { zh: "款项退回", en: "Money goes back to you" },
    text: {
      zh: "您为订单 {orderNo} 支付的款项中有 {money} 未用于购票，将原路退回。",
      en: "{money} of what you paid for order {orderNo} was not needed and goes back the way it was paid.",
    },
    variables: ["money", "orderNo"],
  },
  orderRejected: {
    title: { zh: "订单未能成交", en: "Your order could not be made" },
    text: {
      zh: "订单 {orderNo}（{trips}）的席位已不可用，或超出购票限制，订单未能成交。如已付款，将原路退回；如为改签，原车票仍然有效。",
      en: "Order {orderNo} could not be made: its seats were gone, or a purchase limit was reached. {trips}. What was paid for it goes back, and tickets that it was to replace stay valid.",
    },
    variables: ["orderNo", "trips"],
  },
  orderExpired: {
    title: { zh: "订单已超时取消", en: "Your order was not paid in time" },
    text: {
      zh: "订单 {orderNo}（{trips}）未在规定时间内支付，已自动取消。",
      en: "Order {orderNo} was not paid in time and has ended: {trips}.",
    },
    variables: ["orderNo", "trips"],
  },
  trainCancelled: {
    title: { zh: "列车停运", en: "Your train does not run" },
    text: {
      zh: "订单 {orderNo} 的列车停运：{trips}。已付款且未使用的车票可全额退款，不收退票费，退款方式请查看订单；未付款的订单无需付款。",
      en: "A train of order {orderNo} does not run: {trips}. Tickets that are paid for and not used go back in full, without a fee; the order says how. What is not paid yet need not be.",
    },
    variables: ["orderNo", "trips"],
  },
  noSeatLeft: {
    title: { zh: "暂无其他席位", en: "No other seat for you yet" },
    text: {
      zh: "{trips}：列车当日没有您的席位，订单 {orderNo} 有车票暂无其他席位可安排。车票仍然有效；一有席位空出，系统会为您安排，不收费用，并另行通知。",
      en: "{trips}: the train runs without your seat, and there is no other seat yet for tickets of order {orderNo}. They stay valid; as soon as a seat is free you are given it, at no charge, and told so.",
    },
    variables: ["trips", "orderNo"],
  },
  passwordChanged: {
    title: { zh: "登录密码已更改", en: "Your password was changed" },
    text: {
      zh: "您的登录密码已更改，其他设备已退出登录。如非本人操作，请立即重置密码。",
      en: "Your password was changed, and your other devices were logged out. If that was not you, reset it now.",
    },
    variables: [],
  },
  trainShortened: {
    title: { zh: "列车缩短运行区间", en: "Your train does not run all the way" },
    text: {
      zh: "订单 {orderNo} 的列车缩短运行区间，不经停您的上车站或下车站：{trips}。已付款且未使用的车票可全额退款，不收退票费，退款方式请查看订单；未付款的订单无需付款。",
      en: "A train of order {orderNo} does not call where you get on or off: {trips}. Tickets that are paid for and not used go back in full, without a fee; the order says how. What is not paid yet need not be.",
    },
    variables: ["orderNo", "trips"],
  },
};
