/** `chepiao restore`: a data folder of a backup, on which the platform starts. */
import { restoreBackup } from "../backup/restore.ts";
import { type Command, readArgs, UsageError } from "./command.ts";

const help = `npm run chepiao -- restore BACKUP --into=FOLDER [--identity=FILE] [--keys=FILE]

Makes a data folder of a backup, as it was, or nothing of it: FOLDER has to be empty, or not there yet. Then
DATA_DIR=FOLDER npm start wakes up on it. BACKUP is a folder as \`chepiao backup\` makes them, of this version or an older.

  --identity   the file to decrypt it with, where it is encrypted (\`chepiao backup key\`)
  --keys       the platform's keys, where it is not: they are not in it, and are copied into FOLDER

What was sold after the moment of the backup is not in it: docs/operations/backup.md says what to do about it.
(Seats that Redis has lost are put back by \`chepiao repair\`.)`;

const options = { into: { type: "string" }, identity: { type: "string" }, keys: { type: "string" } } as const;

export const restoreCommand: Command = {
  about: "make a data folder of a backup",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    const [from, ...rest] = positionals;
    if (from === undefined || rest.length > 0 || values.into === undefined) throw new UsageError(help);
    const { at, position } = await restoreBackup({
      from,
      into: values.into,
      identityFile: values.identity ?? null,
      keysFile: values.keys ?? null,
    });
    console.log(`${values.into} is as the platform was at ${at}: ${position} records of the log.`);
    console.log(`DATA_DIR=${values.into} npm start    wakes up on it.`);
    return 0;
  },
};
