/** What every world of this program has: the ports that need no engine, the log lines of its services, the site's own name. */
import { createArgon2Passwords } from "@chepiao/adapters/crypto";
import { openMessageSource } from "@chepiao/adapters/gtfs-realtime";
import { createSandboxProvider } from "@chepiao/adapters/sandbox-pay";
import type { IdSource } from "@chepiao/kernel";
import type { Clock } from "@chepiao/ports/clock";
import { identityVerifierPort } from "@chepiao/ports/identity-verifier";
import { messengerPort } from "@chepiao/ports/messenger";
import { passwordsPort } from "@chepiao/ports/passwords";
import { type PaymentProvider, paymentProvidersPort } from "@chepiao/ports/payment-provider";
import type { Implementations } from "@chepiao/ports/port";
import type { Random } from "@chepiao/ports/random";
import { trainMessageSourcePort } from "@chepiao/ports/run-states";
import type { Vault } from "@chepiao/ports/vault";
import { type Logger, type Trust, type World, zoneOf } from "@chepiao/runtime";
import { afterErasingPort } from "@chepiao/services/order/room.ts";
import type { SessionsDeps } from "@chepiao/services/user";
import { sessionChangesPort } from "@chepiao/services/user/room.ts";
import { type Config, settingIn } from "../config.ts";
import { bankLedgerPort, merchantOf } from "../rooms/bank.ts";
import { practiceMessagesPort } from "../rooms/messages.ts";
import { practiceRegisterPort } from "../rooms/register.ts";
import { wireIdentity } from "./identity.ts";
import { type MessagesWiring, wireMessages } from "./messages.ts";
import { behind, implementationsOf, type Ports } from "./ports.ts";

export type WorldOptions = Pick<World, "isSingleProcess" | "bus"> & {
  readonly clients?: World["clients"];
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly ids: IdSource;
  readonly ports: Partial<Ports>;
  readonly morePorts?: Implementations;
  readonly site: World["site"];
  /** How the practice bank is reached: its address, and how to ask it. */
  readonly bank: { readonly url: () => string; readonly ask: (request: Request) => Promise<Response | null> };
  /** Where the practice bank keeps its books, for the process that is the bank. */
  readonly bankLedger: string;
  readonly tellOthers?: SessionsDeps["tellOthers"];
  /** Takes out of indexes beside the database who was erased from it. */
  readonly afterErasing?: () => Promise<void>;
};

export function createWorld(options: WorldOptions): World {
  const { config, logger, clock, random, vault, ids, site, bus, clients, isSingleProcess } = options;
  const { messenger, practised } = messages(options);
  const identity = wireIdentity(options);
  const ports = new Map([
    ...implementationsOf(options.ports),
    ...(options.morePorts ?? []),
    behind(passwordsPort, createArgon2Passwords()),
    behind(paymentProvidersPort, openProviders(options)),
    behind(messengerPort, messenger),
    behind(trainMessageSourcePort, (url: string) => openMessageSource(url, clock)),
    behind(identityVerifierPort, identity.verifier),
    behind(practiceRegisterPort, identity.register),
    behind(practiceMessagesPort, practised),
    behind(bankLedgerPort, { path: options.bankLedger }),
    behind(sessionChangesPort, options.tellOthers ?? null),
    behind(afterErasingPort, options.afterErasing ?? null),
  ]);
  return {
    clock,
    random,
    vault,
    ids,
    site,
    ports,
    bus,
    ...(clients ? { clients } : {}),
    isSingleProcess,
    setting: settingIn(config),
    report: reporter(logger),
    log: (service) => (message) => logger.info({ service, message }),
  };
}

export const reporter =
  (logger: Logger) =>
  (service: string) =>
  (message: string, error?: unknown): void =>
    logger.error({ service, message, status: "failed", ...(error === undefined ? {} : { error }) });

/** What a vault says of its file. */
export const keyFileReporter =
  (logger: Logger) =>
  (message: string, error?: unknown): void =>
    error === undefined ? logger.info({ service: "server", message }) : reporter(logger)("server")(message, error);

const messages = ({ config, vault, clock, ports: { stores } }: WorldOptions): MessagesWiring =>
  stores
    ? wireMessages({ config, vault, clock, messages: stores.sentMessages, zone: () => zoneOf(stores.timetable) })
    : { messenger: null, practised: null };

/** What is believed of how requests come, at a public door or behind a gateway. */
export const trustOf = ({ publicUrl, trustProxy }: Config, behindGateway = false): Trust => ({
  proxy: behindGateway || trustProxy,
  https: publicUrl.startsWith("https://"),
});

/** What providers are spoken to with. */
export type ProviderDeps = Pick<WorldOptions, "bank" | "clock" | "random" | "vault">;
type OpenProvider = (channel: string, options: ProviderDeps) => PaymentProvider;

const openSandbox: OpenProvider = (channel, { vault, clock, random, bank }) => {
  const sandbox = createSandboxProvider({
    merchant: merchantOf(vault),
    bankUrl: bank.url,
    ask: bank.ask,
    clock,
    random,
    channel,
  });
  return {
    ...sandbox,
    async start(wanted) {
      // The bank is in this house: a browser that reaches the site by some address reaches the bank by the same.
      const { pathname, search: key } = new URL((await sandbox.start(wanted)).payUrl);
      return { payUrl: new URL(pathname + key, wanted.returnUrl).href };
    },
  };
};

/**
 * Who takes money, by channel: a provider is a folder among the adapters and a line here. The first is taken where a payer names
 * none; a channel that has taken money is never given to another provider.
 */
const providers: Readonly<Record<string, OpenProvider>> = { sandbox: openSandbox };

export const openProviders = (deps: ProviderDeps): readonly PaymentProvider[] =>
  Object.entries(providers).map(([channel, open]) => open(channel, deps));

/** The site's own name where it has one, else what this caller calls it. */
export const siteFor =
  ({ publicUrl }: Config, trustProxy: boolean, otherwise: () => string) =>
  (request: Request): string =>
    publicUrl || (addressIn(request, trustProxy) ?? otherwise());

/** Where a passenger reached us, as their browser says: a phone in the same network knows this machine by another name. */
function addressIn({ headers }: Request, trustProxy: boolean): string | null {
  const scheme = trustProxy && headers.get("x-forwarded-proto") === "https" ? "https" : "http";
  const host = headers.get("host") ?? "";
  return /^[\w.:[\]-]+$/.test(host) && URL.canParse(`${scheme}://${host}`) ? `${scheme}://${host}` : null;
}
