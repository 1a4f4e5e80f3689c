/** What is deployed in containers is what runs from the clone: same servers, same ports, same settings, same versions. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { YAML } from "bun";
import { deployedFiles } from "./deploy.ts";
import { servers as all } from "./fleet.ts";
import { root } from "./settings.ts";

/** What stands before search where TLS is spoken is of clones alone. */
const servers = all.filter(({ name }) => name !== "search-tls");

type Service = {
  image?: string;
  build?: { dockerfile_inline: string };
  command?: string | string[];
  ports?: string[];
  volumes?: string[];
  network_mode?: string;
  depends_on?: string[] | Record<string, unknown>;
};
type Compose = { services: Record<string, Service>; volumes: Record<string, unknown> };

const text = readFileSync(join(root, "deploy/compose.yaml"), "utf8");
const { services, volumes } = YAML.parse(text) as Compose;

describe("deploy/compose.yaml", () => {
  test("has a service for every server, but for the port mapper, which an image brings along", () => {
    const expected = servers.map(({ name }) => name).filter((name) => name !== "rabbitmq-epmd");
    expect(Object.keys(services)).toEqual(expect.arrayContaining(expected));
  });

  test("publishes the ports that the engines of a clone want, on 127.0.0.1 alone", () => {
    const published = Object.values(services).flatMap(({ ports = [] }) => ports);
    for (const each of published) expect(each).toStartWith("127.0.0.1:");
    const open = new Set(published.flatMap((each) => range(each.split(":")[1]!)));
    const wanted = servers.filter(({ name }) => name !== "rabbitmq-epmd").map(({ name, listens }) => listens[name]);
    expect(open).toEqual(new Set(wanted as number[]));
  });

  test("names images by version, and those of Kafka and Elasticsearch as the poms do", () => {
    for (const { image, build } of Object.values(services)) {
      if (image) expect(image).toMatch(/:\d+\.\d/);
      else expect(build!.dockerfile_inline).toMatch(/FROM \S+:\d+\.\d+\.\d+\n/);
    }
    const pomVersion = (pom: string, artifact: string) => {
      const written = readFileSync(join(import.meta.dir, "poms", `${pom}.pom.xml`), "utf8");
      return new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>(.*?)<`).exec(written)?.[1];
    };
    expect(services["kafka"]!.image).toBe(`apache/kafka:${pomVersion("kafka", "kafka_2.13")}`);
    expect(services["search"]!.image).toEndWith(`/elasticsearch:${pomVersion("search", "elasticsearch")}`);
    const driver = pomVersion("sharding-proxy", "mysql-connector-j");
    expect(services["sharding-proxy"]!.build!.dockerfile_inline).toContain(`mysql-connector-j:${driver}`);
  });

  test("mounts files that are there and volumes that are declared, and starts nobody before services that exist", () => {
    for (const { volumes: mounts = [], depends_on = [], network_mode } of Object.values(services)) {
      for (const source of mounts.map((mount) => mount.split(":")[0]!)) {
        if (source.startsWith("./"))
          expect({ source, there: existsSync(join(root, "deploy", source)) }).toMatchObject({ there: true });
        else expect(Object.keys(volumes)).toContain(source);
      }
      const needs = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
      for (const need of [...needs, ...(network_mode ? [network_mode.replace("service:", "")] : [])]) {
        expect(Object.keys(services)).toContain(need);
      }
    }
  });

  test("gives every Redis node its own two ports", () => {
    for (const { name, listens } of servers.filter((server) => server.name.startsWith("redis-"))) {
      const ports = `--port ${listens[name]} --cluster-port ${listens[`${name}-bus`]}`;
      expect(services[name]!.command).toBe(`redis-server /etc/redis.conf ${ports}`);
      expect(String(services["redis-cluster"]!.command)).toContain(`127.0.0.1:${listens[name]}`);
    }
  });
});

describe("what compose.yaml mounts", () => {
  test.each(Object.entries(deployedFiles()))(
    "%s is as the settings say; `npm run engines -- deploy` writes it",
    (path, written) => {
      expect(readFileSync(join(root, path), "utf8")).toBe(written);
    },
  );
});

function range(ports: string): number[] {
  const [first, last = first] = ports.split("-").map(Number);
  return Array.from({ length: last! - first! + 1 }, (_, index) => first! + index);
}
