/** Who is meant by `account:7`, `address:203.0.113.9` or `network:203.0.113.0/24`. */
import { countedNetwork, truncatedAddress, type UserId } from "@chepiao/kernel";
import type { BlockSubject } from "@chepiao/ports/risk-store";
import { UsageError } from "../command.ts";

export function subjectIn(text: string): BlockSubject {
  const [kind = "", ...rest] = text.split(":");
  const name = rest.join(":").trim();
  if (kind === "account" && /^[1-9]\d{0,15}$/.test(name) && Number.isSafeInteger(Number(name)))
    return `account ${name}`;
  const address = name.replace(/\/\d{1,3}$/, "");
  const counted = countedNetwork(address);
  // As it is written, or as `list` shows that of IPv6.
  if (kind === "address" && counted !== "unknown" && (name === address || name === counted))
    return `address ${counted}`;
  if (kind === "network" && truncatedAddress(address) !== "unknown") return `network ${truncatedAddress(address)}`;
  throw new UsageError(`"${text}" is no account:NUMBER, address:ADDRESS or network:ADDRESS.`);
}

export function accountIn(subject: BlockSubject): UserId {
  const [kind, name] = subject.split(" ");
  if (kind !== "account") throw new UsageError("Decisions are kept of accounts: explain account:NUMBER.");
  return Number(name) as UserId;
}
