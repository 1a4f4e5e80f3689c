/** 对封禁的申诉。 */
export const appealZh = {
  title: "申诉",
  blockedAs: "封禁编号",
  loginNote: "登录后可以提出申诉，并查看答复。",
  how: "如果您认为不应被封禁，请写明理由。铁路方的工作人员会阅读并答复，答复显示在此页。每个编号可申诉一次。",
  text: "理由",
  textHint: (most: number) => `最多 ${most} 字。请勿填写证件号码或密码。`,
  empty: "请写明理由。",
  send: "提出申诉",
  sending: "正在提交……",
  sentAt: "提出时间",
  yourText: "您的理由",
  answer: "答复",
  state: {
    open: "已提交，等待答复。此页会自动更新，您也可以稍后再来。",
    granted: "申诉成立，封禁已解除，您可以继续购票。",
    refused: "申诉未成立，封禁仍然有效。",
    over: "封禁已经结束，申诉不再处理，您可以继续购票。",
  },
  short: { open: "等待答复", granted: "成立", refused: "未成立", over: "封禁已结束" },
  list: "申诉",
  toSearch: "查询车票",
} as const;
type Saying<T> = {
  readonly [K in keyof T]: T[K] extends string ? string : T[K] extends (most: number) => string ? T[K] : Saying<T[K]>;
};
export type AppealMessages = Saying<typeof appealZh>;
