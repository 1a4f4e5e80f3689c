/** Takes away what a platform of a test left in engines that others use, too: everything that bears its namespace. */
import { rabbitConnection } from "@chepiao/adapters/rabbitmq";
import { kafkaConnection } from "@chepiao/adapters/kafka";
import { Admin } from "@platformatic/kafka";
import { openOrderSearch } from "@chepiao/adapters/elasticsearch";
import { openRedis } from "@chepiao/adapters/redis";
import { closeTestRedis } from "@chepiao/adapters/redis/testing.suite.ts";
import { connect } from "amqplib";
import type { Config } from "../config.ts";
import { timeToPayMs } from "../wiring/timeToPay.ts";

/** Engine by engine, whatever becomes of the others; then says what could not be done. */
export async function takeAway(config: Config): Promise<void> {
  const engines = [fromRedis, fromKafka, fromRabbit, fromElasticsearch];
  const results = await Promise.allSettled(engines.map((from) => from(config)));
  const failed = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  if (failed.length > 0) throw new AggregateError(failed, `what ${config.namespace} left is still there`);
}

const fromRedis = ({ redisNodes: nodes, namespace }: Config) =>
  closeTestRedis(openRedis({ nodes, prefix: `${namespace}:` }));

/** The groups go with their topics. */
async function fromKafka({ kafkaBrokers, namespace }: Config) {
  const admin = new Admin({ clientId: "test", ...kafkaConnection({ brokers: kafkaBrokers }) });
  try {
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(`${namespace}.`));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.close();
  }
}

async function fromRabbit(config: Config) {
  const { rabbitmqUrl, namespace } = config;
  const { url, socketOptions } = rabbitConnection(rabbitmqUrl!);
  const broker = await connect(url, socketOptions);
  try {
    const channel = await broker.createChannel();
    for (const queue of [`order.delay.${timeToPayMs(config)}`, "order.due"])
      await channel.deleteQueue(`${namespace}.${queue}`);
  } finally {
    await broker.close();
  }
}

async function fromElasticsearch({ elasticsearchUrl: url, namespace }: Config) {
  const search = openOrderSearch({ url: url!, index: `${namespace}-chepiao-orders` });
  try {
    await search.drop();
  } finally {
    await search.close();
  }
}
