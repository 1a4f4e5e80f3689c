/** 排队购票。 */
export const queueZh = {
  title: "购票人数较多，正在排队",
  before: "本次售票需排队",
  guest: "登录后即可参与排队，一人一签。",
  draws: (time: string) => `您已取得抽签资格，${time} 抽签决定先后。一人一签，早到晚到机会相同。`,
  drawing: "正在抽签……",
  place: (place: string, ahead: string) => `您的排队位置是 ${place}，前面还有 ${ahead} 人。`,
  wait: (minutes: string) => `预计至少等候 ${minutes} 分钟。`,
  soon: "即将轮到您。",
  keeps: (minutes: string) =>
    `位置只会向前。可以关闭此页或去别处看看：叫到后为您保留 ${minutes} 分钟。轮到时本页自动提交购票。`,
  full: "已叫到您。有人离开后您第一个进入。",
  yours: "轮到您了，请提交购票。",
  goesOn: "轮到您了，正在购票……",
  moreThanSeats: "排队人数已超过余票张数，建议选择其他车次、席别或候补。",
  check: "抽签可核验",
  lot: (lot: string) => `您的签号：${lot}`,
} as const;
export type QueueMessages = {
  readonly [K in keyof typeof queueZh]: (typeof queueZh)[K] extends string ? string : (typeof queueZh)[K];
};
