/**
 * A mail server outside of the platform. It refuses some mailboxes for good and some mails for now, is away, silent or slow, loses answers, and
 * now and then whoever has handed a mail over dies in the moment in which it is taken. What it has taken is what people have read.
 */
import { createHash } from "node:crypto";
import { type Message, ServiceUnavailable } from "@chepiao/contracts";
import type { EpochMs, UserId } from "@chepiao/kernel";
import type { Deliveries, DeliveryKey, MemoryDeliveries, NewDelivery } from "@chepiao/ports/deliveries";
import { MessageRefused, type Messenger } from "@chepiao/ports/messenger";
import type { Chance } from "../core/chance.ts";
import type { Life } from "../core/life.ts";
import type { Reach } from "../core/reach.ts";
import type { Scheduler } from "../core/scheduler.ts";
import { createEngine, type Engine } from "./engine.ts";

export type MailFault = "refused for now" | "taken, and its sender dies";
export type MailWeather = { -readonly [Fault in MailFault]: number };

export type TakenMail = {
  readonly messageId: string;
  readonly to: string;
  readonly title: string;
  readonly at: EpochMs;
};

export type Mails = {
  readonly engine: Engine;
  readonly weather: MailWeather;
  /** Where accounts are reached; the others have no address. */
  readonly addresses: Map<UserId, string>;
  readonly taken: readonly TakenMail[];
  /** All that were ever to be mailed, by the id of their message: also of accounts that are gone. */
  readonly asked: ReadonlyMap<string, NewDelivery>;
  /** The rows, watched. */
  kept(deliveries: MemoryDeliveries): Deliveries;
  /** As they stand. */
  rows: MemoryDeliveries["all"];
  messengerOf(life: Life): Messenger;
};

export type MailsDeps = {
  readonly reach: Reach;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly now: () => EpochMs;
  readonly died: (life: Life) => void;
  /** Who is told of what was done wrongly. */
  readonly found: (violation: string) => void;
  readonly fired: (fault: MailFault) => void;
};

/** Mailboxes that are not there. */
export const isNoMailbox = (address: string): boolean => /\D[37]@/.test(address);

/** As mail servers and readers know it: another than this would be read twice. */
export const messageIdOf = ({ userId, notificationId }: Pick<DeliveryKey, "userId" | "notificationId">): string =>
  createHash("sha256").update(`${userId} ${notificationId}`).digest("hex");

/** What a server that was silent carries out later was handed over before. */
const lateUs = 20_000_000;

export function createMails({ reach, scheduler, chance, now, died, found, fired }: MailsDeps): Mails {
  const engine = createEngine({
    name: "mail",
    wayUs: 30_000,
    timeoutUs: 45_000_000,
    unavailable: (why) => new ServiceUnavailable("the mail server", why),
  });
  const weather: MailWeather = { "refused for now": 0, "taken, and its sender dies": 0 };
  const taken: TakenMail[] = [];
  const asked = new Map<string, NewDelivery>();
  let rows: MemoryDeliveries["all"] = () => [];

  const happens = (fault: MailFault): boolean => {
    if (weather[fault] === 0 || !chance.chance(weather[fault])) return false;
    fired(fault);
    return true;
  };

  function take({ messageId, to, facts }: Message, sender: Life, sentUs: number) {
    const delivery = asked.get(messageId);
    if (!delivery) found(`I7: "${facts["title"]}" is mailed to ${to}, and nobody asked for it`);
    const state = rows().find((row) => messageIdOf(row) === messageId)?.state;
    if (delivery && state === "sent" && scheduler.now() - sentUs < lateUs)
      found(`I7: ${delivery.notificationId} is noted as sent, and is mailed again`);
    if (isNoMailbox(to)) throw new MessageRefused("550 no such mailbox");
    if (happens("refused for now")) throw new Error("452 too many mails");
    taken.push({ messageId, to, title: String(facts["title"]), at: now() });
    if (happens("taken, and its sender dies")) died(sender);
  }

  return {
    engine,
    weather,
    addresses: new Map(),
    taken,
    asked,
    rows: () => rows(),
    kept(deliveries) {
      rows = deliveries.all;
      return {
        ...deliveries,
        async add(added) {
          for (const each of added) asked.set(messageIdOf(each), each);
          await deliveries.add(added);
        },
      };
    },
    messengerOf: (life) => ({
      channels: ["mail"],
      send(message) {
        const sentUs = scheduler.now();
        return reach(life, engine, "mail.send", [message.messageId], () => take(message, life, sentUs));
      },
    }),
  };
}
