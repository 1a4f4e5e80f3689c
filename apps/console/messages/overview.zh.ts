/** The first page in Chinese. */
import type { OrderState, OverviewMatter } from "@chepiao/contracts";

const matters: Readonly<Record<OverviewMatter, string>> = {
  deadLetters: "死信",
  outbox: "待发消息",
  failedRefunds: "退款失败",
  reconciliationCases: "对账差异",
  cancelledRuns: "停运车次仍有订单",
  appeals: "待处理申诉",
  failedMails: "邮件未送达（近三日）",
};
const states: Readonly<Record<OrderState, string>> = {
  accepted: "已受理",
  pendingPayment: "待支付",
  paid: "已支付",
  ticketed: "已出票",
  completed: "已完成",
  cancelled: "已取消",
  expired: "已超时",
  refunded: "已退款",
  rejected: "已拒绝",
  changed: "已改签",
};

export const overviewZh = {
  matters,
  states,
  needs: "需要处理",
  nothing: "没有需要处理的事项",
  unknown: "暂时无法统计",
  since: "最早：",
  today: "今日",
  state: "状态",
  orders: "订单",
  tickets: "车票",
  captured: "收款",
  refunded: "退款",
  waiting: "候补中",
  asOf: "统计时间：",
};
