/** Kafka in KRaft mode: one process that is broker and controller. Topics are made by the program, never by a typo. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Admin } from "@platformatic/kafka";
import { $ } from "bun";
import { folderOf } from "./daemon.ts";
import { askLimitMs, type Engine, type Server } from "./engine.ts";
import type { Ports } from "./ports.ts";
import { jars, jarsOf, jarsVersion, java } from "./provision.ts";
import { brokerSessionTimeoutMs, heapMb, host } from "./settings.ts";

/** Any 16 bytes in base64 for URLs; the same at every start, or the broker refuses its own data. */
const clusterId = "Y2hlcGlhby1lbmdpbmVzMQ";

const properties = join(folderOf("kafka"), "server.properties");
const data = join(folderOf("kafka"), "data");

const broker: Server = {
  name: "kafka",
  role: "broker and controller",
  listens: { kafka: 23_092, "kafka-controller": 23_093 },
  files: (ports) => ({ "server.properties": configuration(ports), version: jarsVersion("kafka") }),
  async prepare() {
    if (!existsSync(join(data, "meta.properties"))) await format();
  },
  command: () => ({ argv: command("kafka.Kafka", properties) }),
  async ask(ports) {
    const admin = new Admin({
      clientId: "engines",
      bootstrapBrokers: [address(ports)],
      retries: 0,
      timeout: askLimitMs,
    });
    try {
      const topics = await admin.listTopics();
      return `has ${topics.length} topics`;
    } finally {
      await admin.close();
    }
  },
};

export const kafka: Engine = {
  name: "kafka",
  needs: [],
  provision: (say) => jars("kafka", say),
  servers: [broker],
  environment: (ports) => ({ KAFKA_BROKERS: address(ports) }),
};

const address = (ports: Ports) => `${host}:${ports["kafka"]}`;

const configuration = (ports: Ports) => `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@${host}:${ports["kafka-controller"]}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://${address(ports)},CONTROLLER://${host}:${ports["kafka-controller"]}
advertised.listeners=PLAINTEXT://${address(ports)}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${data}
auto.create.topics.enable=false
num.partitions=4
offsets.topic.num.partitions=8
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=${brokerSessionTimeoutMs}
broker.heartbeat.interval.ms=${brokerSessionTimeoutMs / 3}
num.network.threads=2
num.io.threads=4
`;

async function format(): Promise<void> {
  const result = await $`${command("kafka.tools.StorageTool", "format", "-t", clusterId, "-c", properties)}`
    .quiet()
    .nothrow();
  if (result.exitCode !== 0)
    throw new Error(`its storage was not formatted:\n${result.stdout.toString()}${result.stderr.toString()}`);
}

const command = (mainClass: string, ...args: string[]) =>
  java({ heapMb: heapMb.kafka, classPath: [join(jarsOf("kafka"), "*")], run: [mainClass, ...args] });
