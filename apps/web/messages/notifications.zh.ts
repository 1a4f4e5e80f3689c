/** 消息中心：进入页面时才加载。消息本身的文字由平台给出。 */
export const notificationsZh = {
  title: "消息",
  none: "还没有消息",
  noneNote: "购票、改签、退票、候补和停运的结果会出现在这里。",
  loginNote: "登录后查看与订单有关的消息。",
  unread: "未读",
  readAll: "全部标为已读",
  toOrder: "查看订单",
  toEntry: "查看候补订单",
  older: "更早的消息",
};
export type NotificationsMessages = typeof notificationsZh;
