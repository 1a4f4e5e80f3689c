/** What the driver is told of a server: for us, and for tests that ask it themselves. */
import { addressForms, readAddress, tlsFor, type TlsIdentity } from "@chepiao/adapters/engine-address";

export function searchConnection(url: string, identity?: TlsIdentity) {
  const address = readAddress(url, addressForms.search);
  const { host, port, username, password } = address;
  const tls = tlsFor(address, identity);
  const shown = host.includes(":") ? `[${host}]` : host;
  return {
    name: `Elasticsearch at ${host}:${port}`,
    isPlain: tls === null,
    options: {
      node: `${tls ? "https" : "http"}://${shown}:${port}${new URL(url).pathname}`,
      ...(username === "" ? {} : { auth: { username, password } }),
      ...(tls ? { tls } : {}),
    },
  };
}
