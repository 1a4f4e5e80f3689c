/**
 * What tells people from programs: who judges a purchase (by riskPolicy.ts), and `/api/challenges`, where a puzzle is solved that lets a doubtful
 * one through.
 */
import Type, { type Static } from "typebox";
import type { EpochMs, OrderId, UserId } from "@chepiao/kernel";
import { clientSpec } from "./calls.ts";
import type { Refusal } from "./refusals.ts";
import { route } from "./route.ts";
import { Instant, oneOf } from "./vocabulary.ts";

const strict = { additionalProperties: false } as const;

// Who judges -------------------------------------------------------------------------------------------------------------

/** A purchase, as it is judged. */
export type RiskAct = {
  readonly userId: UserId;
  /** Its idempotency key: a proof lets one key through, until that is answered. */
  readonly key: string;
  readonly at: EpochMs;
  readonly asker: RiskAsker;
};
/** Read only where somebody is judged: to find an address costs more than to judge. */
export type RiskAsker = {
  readonly address: string;
  /** Null for who has no session, such as tests of the room. */
  readonly session: { readonly sessionId: string; readonly openedAt?: number } | null;
  /** The word of the platform that this session has solved a challenge. */
  readonly proof: string | null;
};

/** Judges in the process that sells; its rules and blocks are in memory there. */
export type RiskClient = {
  /** Nobody is judged now, and nobody is blocked. */
  isIdle(): boolean;
  /** One entry a purchase, in order: null for those that may go on. */
  judge(acts: readonly RiskAct[]): readonly (Refusal | null)[] | Promise<readonly (Refusal | null)[]>;
  /** It was let through and failed by our own fault: it counts as no try. Nobody waits for it. */
  takeBack(act: RiskAct): void;
  /** It was refused later on. Nobody waits for it. */
  failed(userId: UserId, orderId: OrderId, at: EpochMs): void;
  /** An order of the account has let go of its seats unpaid. Nobody waits for it. */
  endedUnpaid(userId: UserId, orderId: OrderId, at: EpochMs): void;
  /** For these documents the account has bought. Nobody waits for it. */
  buysFor(userId: UserId, documentHashes: readonly string[], at: EpochMs): void;
};
export const riskClient = clientSpec<RiskClient>({ room: "risk", methods: {} });

// Challenges -------------------------------------------------------------------------------------------------------------

/** With what a solved challenge is signed: the challenges room gives it, the order room reads it. */
export const challengeProofSecret = "challenge proofs";
/** A proof for the header of a purchase. */
export const challengeHeader = "x-challenge";

/** What a challenge stands before. */
export const challengeActs = ["purchase"] as const;
export type ChallengeAct = (typeof challengeActs)[number];
const Act = oneOf(challengeActs, "What it lets through.");

/** How much a doubt costs: `strict` is a picture that a person looks at, or work that takes eight times as long. */
export const challengeLevels = ["light", "strict"] as const;
export type ChallengeLevel = (typeof challengeLevels)[number];
const Level = oneOf(challengeLevels, "How hard it is, as the refusal says. Left out: `light`.");

export const challengeKinds = ["work", "slide"] as const;
export type ChallengeKind = (typeof challengeKinds)[number];
const Kind = oneOf(
  challengeKinds,
  "Of strict ones: `work` for who cannot see or drag. Left out: `slide`. Light ones are work.",
);

const ChallengeText = Type.String({ minLength: 1, maxLength: 400, description: "The challenge as it was given." });

const ofEach = {
  challenge: Type.String({ description: "Signed; bound to the session and the act. It can be answered once." }),
  act: Act,
  level: Level,
  triesMax: Type.Integer({ description: "So many wrong answers end it." }),
  expiresAt: Instant,
};
export const WorkChallenge = Type.Object({
  ...ofEach,
  kind: Type.Literal("work", {
    description: "Arithmetic for the machine of who buys: nothing to see, and nothing to drag.",
  }),
  bits: Type.Integer({
    description:
      "Find a text so that SHA-256 of challenge, a dot and that text begins with so many zero bits. It is the answer.",
  }),
});
export type WorkChallenge = Static<typeof WorkChallenge>;
export const SlideChallenge = Type.Object({
  ...ofEach,
  kind: Type.Literal("slide", { description: "A piece to drag into the hole of a picture." }),
  board: Type.String({ description: "The picture with the hole: a `data:` address, 280 by 150 pixels." }),
  piece: Type.String({ description: "The piece: a `data:` address, 52 by 52 pixels. It begins at the left end." }),
  pieceTop: Type.Integer({ description: "So far from the upper end the piece lies, and the hole." }),
});
export type SlideChallenge = Static<typeof SlideChallenge>;
export const Challenge = Type.Union([WorkChallenge, SlideChallenge]);
export type Challenge = Static<typeof Challenge>;

/** Of a drag with a pointer: what the screen told; of keys: where the piece lay after each. */
export const SlideDrag = Type.Object(
  {
    by: Type.Union([Type.Literal("pointer"), Type.Literal("keys")]) as unknown as Type.TUnsafe<"pointer" | "keys">,
    points: Type.Array(
      Type.Array(Type.Integer({ minimum: -100_000, maximum: 100_000 }), { minItems: 3, maxItems: 3 }),
      {
        minItems: 1,
        maxItems: 500,
        description: "Milliseconds, how far right the piece lay, how far down the pointer was; the last is the answer.",
      },
    ),
  },
  { ...strict, description: "Of a slide: how the piece was moved." },
);
export type SlideDrag = Static<typeof SlideDrag>;

export const ChallengeSolved = Type.Object({
  proof: Type.String({ description: "For the header `X-Challenge` of one purchase of this session." }),
  proofUntil: Instant,
});
export type ChallengeSolved = Static<typeof ChallengeSolved>;

const room = "challenges";

export const challengeRoutes = {
  ask: route({
    method: "POST",
    path: "/api/challenges",
    summary: "Ask for a challenge, as a refused purchase says",
    room,
    who: "passenger",
    body: Type.Object({ act: Act, level: Type.Optional(Level), kind: Type.Optional(Kind) }, strict),
    answers: { 200: { description: "The challenge.", schema: Challenge } },
    refusals: [],
  }),
  answer: route({
    method: "POST",
    path: "/api/challenges/answer",
    summary: "Answer a challenge",
    room,
    who: "passenger",
    body: Type.Object(
      {
        challenge: ChallengeText,
        answer: Type.String({
          minLength: 1,
          maxLength: 40,
          pattern: "^[A-Za-z0-9_-]+$",
          description:
            "Of work: the text that was found. Of a slide: how many pixels right of its begin the piece lies.",
        }),
        drag: Type.Optional(SlideDrag),
      },
      strict,
    ),
    answers: { 200: { description: "It is right.", schema: ChallengeSolved } },
    refusals: ["ChallengeInvalid", "ChallengeWrong"],
  }),
};
