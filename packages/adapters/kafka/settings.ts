/** What an installation says about its Kafka, and the names that follow from it. */
import { isIP } from "node:net";
import { addressForms, readAddresses, tlsFor, type TlsIdentity } from "@chepiao/adapters/engine-address";
import type { Topic } from "@chepiao/contracts";
import { assert, dayMs, secondMs } from "@chepiao/kernel";

export type KafkaSettings = {
  /** `host:port` or `kafkas://user:password@host:port?sasl=…` of some brokers; the others are found through them. */
  readonly brokers: readonly string[];
  /** Over TLS, where no address says anything of it: who is trusted, and who we are. */
  readonly identity?: TlsIdentity;
  /** In front of every topic and group, so that installations can share a cluster. */
  readonly prefix: string;
  /** Of each topic, when it is made. More of them later would send a run's records to another one while older ones wait. */
  readonly partitions: number;
  readonly replicas: number;
  /** An append is acknowledged once this many replicas have it; with fewer alive it is refused. */
  readonly minInSyncReplicas: number;
  readonly keepMs: number;
  /** How long an append waits for its acknowledgement. */
  readonly appendTimeoutMs: number;
  /** A member not heard of for so long is dead and its partitions go to others. The broker's own lower limit is 6 s. */
  readonly sessionTimeoutMs: number;
};

export const kafkaDefaults: Omit<KafkaSettings, "brokers" | "identity"> = {
  prefix: "",
  partitions: 16,
  replicas: 3,
  minInSyncReplicas: 2,
  keepMs: 7 * dayMs,
  appendTimeoutMs: 5 * secondMs,
  sessionTimeoutMs: 6 * secondMs,
};

export function completed(given: Partial<KafkaSettings> & Pick<KafkaSettings, "brokers">): KafkaSettings {
  const settings = { ...kafkaDefaults, ...given };
  assert(settings.brokers.length > 0, "Kafka has an address");
  assert(settings.minInSyncReplicas <= settings.replicas, "an append can reach as many replicas as must have it");
  return settings;
}

/** A connection without an answer for so long is given up. To join takes as long as other members take, at most a session's time. */
export const answerMs = ({ sessionTimeoutMs }: KafkaSettings): number => sessionTimeoutMs + 4 * secondMs;

export const clientId = "chepiao";

type Mechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";

/** How every client of ours reaches the brokers. */
export function kafkaConnection({ brokers, identity }: Pick<KafkaSettings, "brokers" | "identity">) {
  const addresses = readAddresses(brokers, addressForms.kafka);
  const { servers, username, password, parameters } = addresses;
  const tls = tlsFor(addresses, identity);
  const mechanism = (parameters["sasl"] ?? "PLAIN") as Mechanism;
  return {
    bootstrapBrokers: servers.map(({ host, port }) => `${host}:${port}`),
    // A name is sent along, so that one door may lead to several servers; an address is none.
    ...(tls ? { tls } : {}),
    tlsServerName: servers.every(({ host }) => isIP(host) === 0),
    ...(username === "" ? {} : { sasl: { mechanism, username, password } }),
  };
}
export const topicName = ({ prefix }: KafkaSettings, topic: Topic): string => prefix + topic;
/** One for each topic: what its groups could not take. */
export const deadTopicName = (settings: KafkaSettings, topic: Topic): string => `${topicName(settings, topic)}.dead`;
