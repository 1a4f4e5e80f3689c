/** What each role is given of the platform's keys. */
import { expect, test } from "bun:test";
import { createVault, generateKeys, partOf } from "@chepiao/adapters/crypto";
import { keyHolders, keyNeeds } from "./roleKeys.ts";

const keys = generateKeys();
const given = (holder: string) => {
  const { roles: _, platform: __, secrets = {}, ...own } = partOf(keys, [holder], keyNeeds([holder]));
  return [...Object.keys(own), ...Object.keys(secrets)];
};

test("each role is given what its work needs, and no more", () => {
  expect(Object.fromEntries(keyHolders.map((holder) => [holder, given(holder)]))).toEqual({
    gateway: [
      ...[
        "user",
        "search",
        "order",
        "payment",
        "waitlist",
        "notification",
        "operations",
        "queue",
        "challenges",
        "bank",
      ].map((role) => `gateway to ${role}`),
      "gateway calls gatewayRules",
    ],
    user: [
      "sealing",
      "fingerprint",
      "gateway to user",
      "order calls user",
      "payment calls user",
      "waitlist calls user",
      "notification calls user",
      "operations calls user",
      "queue calls user",
      "challenges calls user",
    ],
    search: ["publicKeys", "gateway to search", "search calls inventory", "gateway calls gatewayRules"],
    order: [
      "signing",
      "queue pass",
      "challenge proofs",
      "gateway to order",
      "order calls user",
      "order calls inventory",
      "payment calls order",
      "waitlist calls order",
      "notification calls order",
    ],
    inventory: ["search calls inventory", "order calls inventory", "waitlist calls inventory", "queue calls inventory"],
    payment: [
      "captured payments",
      "practice bank",
      "gateway to payment",
      "payment calls user",
      "payment calls order",
      "payment calls waitlist",
    ],
    waitlist: [
      "captured payments",
      "gateway to waitlist",
      "waitlist calls user",
      "waitlist calls inventory",
      "waitlist calls order",
      "payment calls waitlist",
      "notification calls waitlist",
      "sweeper calls waitlist",
    ],
    notification: [
      "gateway to notification",
      "notification calls user",
      "notification calls order",
      "notification calls waitlist",
    ],
    operations: ["gateway to operations", "operations calls user"],
    queue: [
      "queue places",
      "queue lots",
      "queue pass",
      "queue seeds",
      "gateway to queue",
      "queue calls user",
      "queue calls inventory",
    ],
    challenges: ["challenges", "challenge proofs", "gateway to challenges", "challenges calls user"],
    writer: ["captured payments"],
    relay: [],
    sweeper: ["sweeper calls waitlist"],
    cdc: [],
    bank: ["practice bank", "gateway to bank"],
    commands: ["fingerprint", "queue seeds", "practice bank"],
  });
});

test("from what one role holds, what another holds does not follow", () => {
  const whole = createVault(keys);
  const texts = keyHolders.map(
    (holder) => [holder, JSON.stringify(partOf(keys, [holder], keyNeeds([holder])))] as const,
  );
  const precious = {
    sealing: keys.sealing[0]!.key,
    fingerprint: keys.fingerprint,
    root: keys.secretRoot!,
    signing: JSON.stringify(keys.signing[0]!.privateKeyPem),
    orderCallsUser: whole.secret("order calls user"),
    paymentCallsUser: whole.secret("payment calls user"),
    passedToUser: whole.secret("gateway to user"),
  };
  const holders = (secret: string) => texts.filter(([, text]) => text.includes(secret)).map(([holder]) => holder);
  expect(holders(precious.root)).toEqual([]);
  expect(holders(precious.sealing)).toEqual(["user"]);
  expect(holders(precious.signing)).toEqual(["order"]);
  expect(holders(precious.fingerprint)).toEqual(["user", "commands"]);
  // Nobody but the two of them: no role can speak in another's name.
  expect(holders(precious.orderCallsUser)).toEqual(["user", "order"]);
  expect(holders(precious.paymentCallsUser)).toEqual(["user", "payment"]);
  expect(holders(precious.passedToUser)).toEqual(["gateway", "user"]);
});
