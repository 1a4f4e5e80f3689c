/** The audit trail in Chinese. */
import type { AuditAction, AuditDoor, AuditOutcome } from "@chepiao/contracts";

const actions: Readonly<Record<AuditAction, string>> = {
  readOrders: "查看订单",
  readRuns: "查看车次",
  readDeadLetters: "查看死信",
  readRisk: "查看风控",
  readNotifications: "查看通知",
  readGates: "查看检票",
  readAudit: "查看审计记录",
  changeRole: "修改角色",
  changeAccount: "修改账号",
  eraseTravellers: "删除旅客信息",
  changePolicy: "修改规则",
  changeWaitlist: "修改候补",
  changeQuotas: "修改票额",
  cancelRun: "停运",
  exchangeRun: "更换车底",
  withdrawCoach: "停售车厢",
  useGates: "检票",
  announceQueue: "公布排队",
  changeBlocks: "修改黑名单",
  changeGatewayRules: "修改网关规则",
  resendNotifications: "重发通知",
  replayDeadLetters: "重放死信",
  settleCase: "处理差异",
};
const outcomes: Readonly<Record<AuditOutcome, string>> = { done: "已完成", refused: "被拒绝", failed: "失败" };
const doors: Readonly<Record<AuditDoor, string>> = { command: "命令行", route: "接口" };

export const auditZh = {
  actions,
  outcomes,
  doors,
  at: "时间",
  who: "何人",
  action: "操作",
  subject: "对象",
  what: "内容",
  outcome: "结果",
  open: "未结束",
  dryRun: "试算",
  before: "之前",
  after: "之后",
  reason: "原因",
  whoHint: "用户名",
  subjectHint: "例如 run G1/2026-12-01",
  anyAction: "全部操作",
};
