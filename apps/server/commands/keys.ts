/** `chepiao keys`: makes the keys of a platform, once; every process of it is given the same file. */
import { existsSync } from "node:fs";
import { createVault, loadOrCreateKeys } from "@chepiao/adapters/crypto";
import { type Command, readArgs, UsageError } from "./command.ts";

const help = `npm run chepiao -- keys FILE

Makes the keys that all roles of one platform share (KEYS_FILE), and never over a file that is there. They are as
precious as the database: without them nobody can log in and no saved document can be read. Keep a copy elsewhere.`;

export const keysCommand: Command = {
  about: "make the keys that all roles of a platform share",
  help,
  async run(args) {
    const { positionals } = readArgs(args, {}, help);
    const [file] = positionals;
    if (!file || positionals.length !== 1) throw new UsageError(help);
    const wasThere = existsSync(file);
    // Reads what is there, too, and says what is wrong with it.
    const { keyId } = createVault(await loadOrCreateKeys(file));
    console.log(
      wasThere ? `${file} is there already; it signs with ${keyId}.` : `${file} was made; it signs with ${keyId}.`,
    );
    return 0;
  },
};
