/** What is on the audit trail: everything that staff do and look at, by whichever door. */
import Type, { type Static } from "typebox";
import { Instant, oneOf, Role } from "./vocabulary.ts";

/** A look shows what names people, or what others did, and changes nothing: it has no outcome. */
export const auditActions = {
  readOrders: "look",
  readRuns: "look",
  readDeadLetters: "look",
  readRisk: "look",
  readNotifications: "look",
  readGates: "look",
  readAudit: "look",
  changeRole: "act",
  changeAccount: "act",
  eraseTravellers: "act",
  changePolicy: "act",
  changeWaitlist: "act",
  changeQuotas: "act",
  cancelRun: "act",
  exchangeRun: "act",
  withdrawCoach: "act",
  useGates: "act",
  announceQueue: "act",
  changeBlocks: "act",
  changeGatewayRules: "act",
  resendNotifications: "act",
  replayDeadLetters: "act",
  settleCase: "act",
} as const satisfies Readonly<Record<string, "look" | "act">>;
export type AuditAction = keyof typeof auditActions;
export const auditActionNames = Object.keys(auditActions) as readonly AuditAction[];
export const AuditAction = oneOf(auditActionNames, "What was done, or looked at.");

/** Stored by place: grows at its end only. */
export const auditDoors = ["command", "route"] as const;
export const AuditDoor = oneOf(auditDoors, "`command` the command line of the server, `route` the API.");
export type AuditDoor = (typeof auditDoors)[number];

/** Stored by place: grows at its end only. */
export const auditOutcomes = ["done", "refused", "failed"] as const;
export const AuditOutcome = oneOf(
  auditOutcomes,
  "`done`, `refused` because of what was asked, `failed` because of us, as far as it had come.",
);
export type AuditOutcome = (typeof auditOutcomes)[number];

const text = (description: string) => Type.String({ description });
const orNull = <T extends ReturnType<typeof text>>(schema: T) => Type.Union([schema, Type.Null()]);

export const AuditLine = Type.Object({
  entryId: text("In order of time."),
  at: Instant,
  who: text("A username; of the command line the machine's account, and who became it."),
  role: Type.Union([Role, Type.Null()], { description: "Null on the command line, which knows no roles." }),
  door: AuditDoor,
  action: AuditAction,
  subject: orNull(text("On what: `run G1/2026-12-01`, `account 123`.")),
  what: text("In words."),
  reason: orNull(text("As it was given.")),
  before: orNull(text("What it was, as far as the act replaces something.")),
  isDryRun: Type.Boolean({ description: "It says what would happen, and changes nothing." }),
  outcome: Type.Union([AuditOutcome, Type.Null()], {
    description: "Null for a look; and for an act that has not ended, or whose process died in it.",
  }),
  endedAt: orNull(Instant),
  after: orNull(text("What it is now, or why it was not done.")),
});
export type AuditLine = Static<typeof AuditLine>;
