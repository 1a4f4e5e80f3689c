/** Takes away what a platform left in engines that others use, too: everything that bears its namespace, and nothing else. Its database is its maker's. */
import { rabbitConnection } from "@chepiao/adapters/rabbitmq";
import { kafkaConnection } from "@chepiao/adapters/kafka";
import { Admin } from "@platformatic/kafka";
import { openOrderSearch } from "@chepiao/adapters/elasticsearch";
import { removeKeys } from "@chepiao/adapters/redis";
import { assert } from "@chepiao/kernel";
import { connect } from "amqplib";
import { type Config, engineIdentity } from "../config.ts";
import { openRedisOf } from "../wiring/redis.ts";
import { timeToPayMs } from "../wiring/timeToPay.ts";

/** Engine by engine, whatever becomes of the others; then says what could not be done. */
export async function takeAway(config: Config): Promise<void> {
  assert(config.namespace !== "", "what is taken away bears a name that no other platform has");
  const engines = [fromRedis, fromKafka, fromRabbit, fromElasticsearch];
  const results = await Promise.allSettled(engines.map((from) => from(config)));
  const failed = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  if (failed.length > 0) throw new AggregateError(failed, `what ${config.namespace} left is still there`);
}

async function fromRedis(config: Config) {
  await using redis = openRedisOf(config);
  await removeKeys(redis);
}

/** The groups go with their topics. */
async function fromKafka(config: Config) {
  const { kafkaBrokers: brokers, namespace } = config;
  const admin = new Admin({ clientId: "chepiao", ...kafkaConnection({ brokers, identity: engineIdentity(config) }) });
  try {
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(`${namespace}.`));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.close();
  }
}

async function fromRabbit(config: Config) {
  const { rabbitmqUrl, namespace } = config;
  if (rabbitmqUrl === null) return;
  const { url, socketOptions } = rabbitConnection(rabbitmqUrl, engineIdentity(config));
  const broker = await connect(url, socketOptions);
  try {
    const channel = await broker.createChannel();
    for (const queue of [`order.delay.${timeToPayMs(config)}`, "order.due"])
      await channel.deleteQueue(`${namespace}.${queue}`);
  } finally {
    await broker.close();
  }
}

async function fromElasticsearch(config: Config) {
  const { elasticsearchUrl: url, namespace } = config;
  if (url === null) return;
  const search = openOrderSearch({ url, identity: engineIdentity(config), index: `${namespace}-chepiao-orders` });
  try {
    await search.drop();
  } finally {
    await search.close();
  }
}
