/** What the driver is told of a server: for the pool, and for tests that ask a server themselves. */
import { addressForms, readAddress, tlsFor, type TlsIdentity } from "@chepiao/adapters/engine-address";
import type { ConnectionOptions } from "mysql2";

export function mysqlConnection(
  url: string,
  identity?: TlsIdentity,
): {
  readonly name: string;
  readonly isPlain: boolean;
  readonly options: ConnectionOptions;
} {
  const address = readAddress(url, addressForms.mysql);
  const { host, port, username, password, path } = address;
  const tls = tlsFor(address, identity);
  return {
    name: `MySQL at ${host}:${port}/${path}`,
    isPlain: tls === null,
    options: {
      host,
      port,
      user: username,
      password,
      database: path,
      ...(tls ? { ssl: { ...tls, verifyIdentity: true } } : {}),
    },
  };
}
