/** 按车次查时刻，按车站查到发。 */
export const trainsZh = {
  title: "按车次查时刻",
  number: "车次",
  hint: "日期为列车从始发站开出的日期",
  show: "查询",
  madeOf: (coaches: number, code: string): string => `${coaches} 节编组 · 车型 ${code}`,
  seats: (seatClass: string, count: number): string => `${seatClass} ${count} 席`,
  daily: "预售期内每天开行",
  runsOn: (days: string): string => `开行日期：${days}`,
  tickets: "查看余票",
  ticketsOn: (day: string): string => `查看${day}的余票`,
  unknown: (train: string): string => `没有 ${train} 次列车`,
  unknownNote: "请核对车次，或按出发地和目的地查询。",
  notThatDay: (train: string, day: string): string => `${day}没有 ${train} 次列车`,
  notThatDayNote: "请换一天看看。",
  board: "车站到发",
  station: "车站或城市",
  sides: { departures: "出发", arrivals: "到达" },
  towards: {
    departures: (station: string): string => `开往 ${station}`,
    arrivals: (station: string): string => `来自 ${station}`,
  },
  earlier: "查看当天更早的列车",
  more: "查看更多列车",
  noTrains: "当天此后没有列车",
  unknownPlace: "没有找到这个车站",
};
export type TrainsMessages = typeof trainsZh;
