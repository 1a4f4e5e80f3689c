/**
 * A place between two transactions in a server's binlog. File and offset mean something on that server alone, so its id is part of
 * the place: after a failover to another server there is no place to go on from.
 */
export type Position = { readonly serverId: number; readonly file: string; readonly offset: number };

export const printPosition = ({ serverId, file, offset }: Position): string => `${serverId}:${file}:${offset}`;

export function parsePosition(text: string): Position | null {
  const found = /^(\d+):(.+):(\d+)$/.exec(text);
  return found ? { serverId: Number(found[1]), file: found[2]!, offset: Number(found[3]) } : null;
}

/** Of one server. Files are counted: `binlog.000007`. */
export const isAtOrPast = (position: Position, end: Position): boolean => {
  const [file, endFile] = [numberOf(position.file), numberOf(end.file)];
  return file > endFile || (file === endFile && position.offset >= end.offset);
};

const numberOf = (file: string): number => Number(file.slice(file.lastIndexOf(".") + 1));
