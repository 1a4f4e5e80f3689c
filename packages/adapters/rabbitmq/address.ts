/** What the driver is told of a broker: for us, and for tests that ask it themselves. */
import { addressForms, readAddress, tlsFor, type TlsIdentity } from "@chepiao/adapters/engine-address";

/** A broker that is silent for two of these is gone; its own wish is a minute. */
const heartbeatS = 5;

/** For `connect(url, socketOptions)`. */
export function rabbitConnection(text: string, identity?: TlsIdentity) {
  const address = readAddress(text, addressForms.rabbitmq);
  const tls = tlsFor(address, identity);
  const url = new URL(text);
  url.search = new URLSearchParams({ heartbeat: address.parameters["heartbeat"] ?? String(heartbeatS) }).toString();
  return {
    url: url.href,
    socketOptions: tls ?? {},
    name: `RabbitMQ at ${address.host}:${address.port}`,
    isPlain: !tls,
  };
}
