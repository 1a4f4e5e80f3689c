/**
 * The binlog's driver, at an address. It brings TLS of its own, which is not used: that holds no name against the certificate, so a server that has any certificate of the
 * same authority could answer in the server's place; and it uses parts of Node's sockets that are nobody's promise. The driver still
 * agrees with the server that there will be TLS, and calls this where it begins.
 */
import { isIP, type Socket } from "node:net";
import { connect } from "node:tls";
import {
  addressForms,
  readAddress,
  tlsFor,
  type TlsIdentity,
  type TlsOptions,
  tlsTrouble,
} from "@chepiao/adapters/engine-address";
import { ZongJi } from "@powersync/mysql-zongji";

export function openDriver(
  url: string,
  identity?: TlsIdentity,
): { readonly zongji: ZongJi; readonly database: string } {
  const address = readAddress(url, addressForms.mysql);
  const { host, port, username: user, password, path: database } = address;
  const tls = tlsFor(address, identity);
  const zongji = new ZongJi({ host, port, user, password, enableKeepAlive: true, ...(tls ? { ssl: { ...tls } } : {}) });
  if (tls) for (const connection of [zongji.ctrlConnection, zongji.connection]) encrypt(connection, host, tls);
  return { zongji, database };
}

/** What is used of the driver's connection. */
const [socketOf, protocolOf, startTls, broke] = ["_socket", "_protocol", "_startTLS", "_handleNetworkError"] as const;
type Connection = {
  [socketOf]: Socket;
  readonly [protocolOf]: NodeJS.ReadWriteStream;
  [startTls]: (begun: (error?: Error) => void) => void;
  readonly [broke]: (error: Error) => void;
};

function encrypt(of: unknown, host: string, tls: TlsOptions): void {
  const connection = of as Connection;
  connection[startTls] = (begun) => {
    const { [socketOf]: plain, [protocolOf]: protocol } = connection;
    plain.removeAllListeners("data");
    protocol.removeAllListeners("data");
    let isEncrypted = false;
    const tell = (error: Error) => new Error(`the server ${tlsTrouble(error) ?? error.message}`, { cause: error });
    const encrypted = connect({ ...tls, socket: plain, host, ...(isIP(host) ? {} : { servername: host }) }, () => {
      isEncrypted = true;
      begun();
    });
    encrypted.on("error", (error) => (isEncrypted ? connection[broke](error) : begun(tell(error))));
    encrypted.on("data", (data) => protocol.write(data));
    encrypted.on("close", () => protocol.end());
    protocol.on("data", (data: Uint8Array) => encrypted.write(data));
    // From here on it is paused, ended and destroyed as the plain one would be.
    connection[socketOf] = encrypted;
  };
}
