/** RabbitMQ: one node with a port mapper (epmd) of its own, so that it meets no other Erlang node of the machine. */
import { join } from "node:path";
import { connect } from "amqplib";
import { folderOf } from "./daemon.ts";
import { askLimitMs, type Engine, type Server } from "./engine.ts";
import { debian, programPath } from "./provision.ts";
import type { Ports } from "./ports.ts";
import { account, host } from "./settings.ts";
import { addressFiles, clientTls, speaksTls, tlsFiles } from "./tls.ts";

function url(ports: Ports): string {
  const rest = `://${account.user}:${account.password}@${host}:${ports["rabbitmq"]}`;
  return speaksTls() ? `amqps${rest}` : `amqp${rest}`;
}

/** Runs the node as our own user, without the wrapper in PATH that changes to the user `rabbitmq`. */
const program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

const epmd: Server = {
  name: "rabbitmq-epmd",
  role: "port mapper",
  listens: { "rabbitmq-epmd": 23_369 },
  files: () => ({}),
  command: (ports) => ({
    argv: [programPath("epmd")!, "-address", host, "-port", `${ports["rabbitmq-epmd"]}`],
  }),
  async ask(ports) {
    const socket = await Bun.connect({ hostname: host, port: ports["rabbitmq-epmd"]!, socket: { data() {} } });
    socket.end();
    return "listens";
  },
};

const broker: Server = {
  name: "rabbitmq",
  role: "broker",
  listens: { rabbitmq: 23_672, "rabbitmq-distribution": 23_673 },
  files: (ports) => ({ "rabbitmq.conf": configuration(ports), enabled_plugins: "[].\n", "env.conf": "" }),
  command: (ports) => ({ argv: [program], env: environment(ports) }),
  async ask(ports) {
    const connection = await connect(url(ports), { timeout: askLimitMs, ...clientTls() });
    const { version } = connection.connection.serverProperties;
    await connection.close();
    return `takes connections, version ${version}`;
  },
};

const configuration = (ports: Ports) => `
${speaksTls() ? encryption(ports["rabbitmq"]!) : `listeners.tcp.default = ${host}:${ports["rabbitmq"]}`}
default_user = ${account.user}
default_pass = ${account.password}
log.console = true
log.console.level = info
log.file = false
vm_memory_high_watermark.absolute = 512MiB
disk_free_limit.absolute = 200MB
`;

const encryption = (port: number) => `listeners.tcp = none
listeners.ssl.default = ${host}:${port}
ssl_options.cacertfile = ${tlsFiles.ca}
ssl_options.certfile = ${tlsFiles.serverCert}
ssl_options.keyfile = ${tlsFiles.serverKey}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = false`;

function environment(ports: Ports): Record<string, string> {
  const place = folderOf("rabbitmq");
  return {
    // The Erlang VM takes the place of the shell script, so that the pid we know is the broker's.
    RUNNING_UNDER_SYSTEMD: "true",
    // The cookie lies in the home folder.
    HOME: place,
    RABBITMQ_NODENAME: "chepiao@localhost",
    RABBITMQ_CONF_ENV_FILE: join(place, "env.conf"),
    RABBITMQ_CONFIG_FILE: join(place, "rabbitmq.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(place, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(place, "data"),
    RABBITMQ_LOG_BASE: join(place, "log"),
    RABBITMQ_PID_FILE: join(place, "rabbitmq.pid"),
    RABBITMQ_DIST_PORT: `${ports["rabbitmq-distribution"]}`,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none",
    ERL_EPMD_ADDRESS: host,
    ERL_EPMD_PORT: `${ports["rabbitmq-epmd"]}`,
  };
}

export const rabbitmq: Engine = {
  name: "rabbitmq",
  needs: [],
  provision: (say) => debian(["rabbitmq-server"], ["rabbitmq-server", "epmd"], say),
  servers: [epmd, broker],
  environment: (ports) => ({ RABBITMQ_URL: speaksTls() ? `${url(ports)}?${addressFiles()}` : url(ports) }),
};
