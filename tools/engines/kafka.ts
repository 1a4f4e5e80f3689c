/** Kafka in KRaft mode: one process that is broker and controller. Topics are made by the program, never by a typo. */
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Admin, alterUserScramCredentialsV0 } from "@platformatic/kafka";
import { $ } from "bun";
import { folderOf } from "./daemon.ts";
import { askLimitMs, type Engine, type Server } from "./engine.ts";
import type { Ports } from "./ports.ts";
import { jars, jarsOf, jarsVersion, java } from "./provision.ts";
import { account, brokerSessionTimeoutMs, heapMb, host } from "./settings.ts";
import { addressFiles, clientTls, speaksTls, tlsFiles } from "./tls.ts";

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
    await using admin = adminOf(ports);
    const topics = await admin.listTopics();
    return `has ${topics.length} topics`;
  },
};

export const kafka: Engine = {
  name: "kafka",
  needs: [],
  provision: (say) => jars("kafka", say),
  servers: [broker],
  unite: async (ports) => {
    if (speaksTls()) await addScramUser(ports);
  },
  environment: (ports) => ({
    KAFKA_BROKERS: speaksTls()
      ? `kafkas://${account.user}:${account.password}@${address(ports)}?sasl=${scram.mechanism}&${addressFiles()}`
      : address(ports),
  }),
};

function adminOf(ports: Ports) {
  const tls = clientTls();
  const admin = new Admin({
    clientId: "engines",
    bootstrapBrokers: [address(ports)],
    retries: 0,
    timeout: askLimitMs,
    ...(tls ? { tls, sasl: { mechanism: "PLAIN", username: account.user, password: account.password } } : {}),
  });
  return Object.assign(admin, { [Symbol.asyncDispose]: () => admin.close() });
}

const address = (ports: Ports) => `${host}:${ports["kafka"]}`;

const configuration = (ports: Ports) => `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@${host}:${ports["kafka-controller"]}
controller.listener.names=CONTROLLER
listeners=${listener()}://${address(ports)},CONTROLLER://${host}:${ports["kafka-controller"]}
advertised.listeners=${listener()}://${address(ports)}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
${speaksTls() ? encryption : ""}log.dirs=${data}
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

const scram = { mechanism: "SCRAM-SHA-512", number: 2, iterations: 4_096 } as const;

/** A password that is proved without being sent. The account is made by one that is, over TLS. */
async function addScramUser(ports: Ports): Promise<void> {
  await using admin = adminOf(ports);
  const salt = randomBytes(16);
  const [connection] = [...(await admin.connectToBrokers()).values()];
  await alterUserScramCredentialsV0.api.async(
    connection!,
    [],
    [
      {
        name: account.user,
        mechanism: scram.number,
        iterations: scram.iterations,
        salt,
        saltedPassword: pbkdf2Sync(account.password, salt, scram.iterations, 64, "sha512"),
      },
    ],
  );
}

const listener = () => (speaksTls() ? "SASL_SSL" : "PLAINTEXT");
const plainLogin = `org.apache.kafka.common.security.plain.PlainLoginModule required username="${account.user}" password="${account.password}" user_${account.user}="${account.password}";`;
const scramLogin = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
/** A client logs in, with either of the ways there are. */
const encryption = `inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config=${plainLogin}
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=${scramLogin}
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=${scramLogin}
ssl.keystore.type=PEM
ssl.keystore.location=${tlsFiles.serverBoth}
ssl.truststore.type=PEM
ssl.truststore.location=${tlsFiles.ca}
ssl.client.auth=requested
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
