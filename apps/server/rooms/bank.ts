/** The bank to practise with, as a room: one replica, with its own books. */
import { createSandboxBank } from "@chepiao/adapters/sandbox-pay";
import { port } from "@chepiao/ports/port";
import type { Vault } from "@chepiao/ports/vault";
import { defineRoom } from "@chepiao/room";
import { firstPolicy } from "@chepiao/services/policy";

/** Where the bank keeps its books: a file. */
export const bankLedgerPort = port<{ readonly path: string }>("books of the practice bank");

/** By what name the keys have what the bank and its merchant sign with. */
export const bankSecretLabel = "practice bank";

/** The bank is ours, so its secret is made from our keys and never set by hand. Only who signs with it is given it. */
export const merchantOf = (vault: Vault) => ({
  merchantId: "chepiao",
  name: { zh: "车票", en: "Chepiao" },
  get secret() {
    return vault.secret(bankSecretLabel);
  },
});

export const bankRoom = defineRoom({
  name: "bank",
  about: "a bank to practise with; one replica, with its own books",
  pages: ["/sandbox/pay/*"],
  keys: { pages: [`secret ${bankSecretLabel}`] },
  needs: { books: bankLedgerPort },
  settings: { policy: firstPolicy },
  async open({ clock, random, vault, zone, ports, settings, log }) {
    const bank = createSandboxBank({
      path: ports.books.path,
      merchant: merchantOf(vault),
      currency: settings.policy.currency,
      zone: await zone(),
      clock,
      random,
      log,
    });
    return { pages: bank.fetch, close: () => bank[Symbol.asyncDispose]() };
  },
});
