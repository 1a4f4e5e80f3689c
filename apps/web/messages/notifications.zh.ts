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
  toAccount: "查看账号",
  older: "更早的消息",
  refused: "邮件无法送达",
  refusedNote: (when: string): string =>
    `您邮箱的邮件服务器在 ${when} 永久拒收了我们的上一封邮件。请在账号页核对邮箱，必要时更换。下一条消息仍会以邮件发出。`,
  preferences: "邮件设置",
  mailed: "以邮件接收",
  hours: "时间",
  quiet: "免打扰时段",
  quietFrom: "从",
  quietUntil: "到",
  quietNote: "其间的邮件在时段结束时发出；列车停运、缩短运行区间和密码更改随时通知。",
  language: "邮件语言",
  languages: { both: "中文和英文", zh: "中文", en: "英文" },
};
export type NotificationsMessages = typeof notificationsZh;
