/** 当日开行情况：晚点、停运、公告。 */
export const statusZh = {
  cancelled: "停运",
  cancelledWay: "该区间停运",
  notRun: "该车次当日停运",
  notRunWay: "该车次当日在此区间停运",
  cancelledNote: (what: string) => `${what}，已停止售票。`,
  cancelledBack: (what: string) => `${what}，票款按原支付方式全额退回，不收手续费。`,
  cancelledFree: (what: string) => `${what}，车票可免费退票。`,
  cancelledFreeUntil: (what: string, days: number) =>
    `${what}，车票可免费退票，至${days === 0 ? "乘车当日" : `乘车日期后 ${days} 日`}。`,
  cancelledOther:
    "在票款退回之前、且不晚于原定到达时刻，也可免费改乘其他车次，多不补，少则退。刚刚公布的停运，几分钟后开始办理。",
  cancelledOtherUntil: (time: string) => `也可在 ${time} 前免费改乘其他车次，多不补，少则退；逾期票款将自动退回。`,
  coachLost: (coaches: string) => `${coaches}号车厢停用`,
  coachLostNote:
    "铁路正在为您另行安排同一车次的席位，不另收费，通常几分钟内完成，新席位会出现在您的订单里。安排不到的，开车前可免费退票或改签。",
  exchanged: (stock: string) => `当日更换车底（${stock}）`,
  exchangedNote:
    "新车底仍有的席位保持不变；没有的，铁路正在为您另行安排同一车次的席位，不另收费，新席位会出现在您的订单里。安排不到的，开车前可免费退票或改签。",
  skipped: "当日不停靠",
  skippedAt: (station: string) => `当日不停靠${station}`,
  departs: (time: string) => `预计 ${time} 开`,
  arrives: (time: string) => `预计 ${time} 到`,
  late: (minutes: number) => `（晚点 ${minutes} 分）`,
  early: (minutes: number) => `（早 ${minutes} 分）`,
  onTime: "（正点）",
  notices: "运行公告",
  more: "详情",
};
export type StatusMessages = typeof statusZh;
