/** 拼图验证。 */
export const slideZh = {
  title: "安全验证",
  how: "请拖动下方滑块，使拼图块落入图中缺口，然后确认。也可用方向键移动。",
  handle: "拼图块位置",
  confirm: "确认",
  checking: "正在验证……",
  another: "换一张图",
  work: "看不清或无法拖动？改由设备自动计算",
  workNote: "约需几秒到一分钟，无需看图。",
  wrong: "位置不正确，请再试一次。",
  over: "上一张图已失效，请用这一张。",
} as const;
export type SlideMessages = { readonly [K in keyof typeof slideZh]: string };
