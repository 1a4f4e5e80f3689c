/** `chepiao gate`: gates of stations, who went in and out, and what does not fit. */
import { type Command, readArgs, UsageError } from "../command.ts";
import { readConfig } from "../../config.ts";
import { readKeys, verifierOf } from "../verifyTicket.ts";
import { conflicts, list, pass, upload } from "./events.ts";
import { addGate, retireGate, showGates } from "./gates.ts";
import { type GateStores, openGateStores } from "./stores.ts";

const help = `npm run chepiao -- gate add GATE --station STATION
                        gates
                        retire GATE
                        enter TICKET --gate GATE [--at TIME] [--key FILE]
                        leave TICKET --gate GATE [--at TIME] [--key FILE]
                        list TRAIN DATE --station STATION
                        upload FILE --gate GATE [--key FILE]
                        conflicts [--since TIME] [--until TIME] [--outcome OUTCOME]

Gates of stations. A ticket with which somebody went in is used: it is neither given back nor changed any more.

  add        a gate, whose key is shown this once: it opens /api/gate
  enter      somebody was let in with that ticket, by its number or its code; leave: was let out
  list       the tickets that board a train there, a line of JSON each: for a gate that will be able to ask nobody
  upload     what such a gate has noted, a line of JSON each: {"eventId":"17","act":"enter","at":"…","code":"CP3.…"}. Again, late
             and out of order it is the same
  conflicts  a ticket that was used twice, or that was given back, changed or not valid when somebody went in with it: the
             newest 200 that were heard in that time

  --key FILE   the answer of /api/ticket/key, for codes
  --at TIME    when it was, by the gate's clock; now where it is left out

A platform may be running, and decides within seconds; one that is not does so when it is started. The exit code is 1 where something does not fit.`;

const options = {
  station: { type: "string" },
  gate: { type: "string" },
  key: { type: "string" },
  at: { type: "string" },
  since: { type: "string" },
  until: { type: "string" },
  outcome: { type: "string" },
} as const;

type Values = { readonly [Name in keyof typeof options]?: string | undefined };
type Action = (
  stores: GateStores,
  named: readonly string[],
  values: Values,
  say: (line: string) => void,
) => Promise<boolean | void>;

const needed = (value: string | undefined): string => {
  if (value === undefined || value === "") throw new UsageError(help);
  return value;
};
const keysOf = ({ key }: Values) => (key === undefined ? null : verifierOf(readKeys(key)));
const passing =
  (act: "enter" | "leave"): Action =>
  (stores, [ticket], values, say) =>
    pass(stores, { act, ticket: needed(ticket), gateId: needed(values.gate), at: values.at }, keysOf(values), say);

/** With how many names each is called. */
const actions: Readonly<Record<string, { readonly names: number; readonly run: Action }>> = {
  add: { names: 1, run: (stores, [gate], { station }, say) => addGate(stores, needed(gate), needed(station), say) },
  gates: { names: 0, run: (stores, _, __, say) => showGates(stores, say) },
  retire: { names: 1, run: (stores, [gate], _, say) => retireGate(stores, needed(gate), say) },
  enter: { names: 1, run: passing("enter") },
  leave: { names: 1, run: passing("leave") },
  list: {
    names: 2,
    run: (stores, [train, date], { station }, say) =>
      list(stores, { train: needed(train), date: needed(date) }, needed(station), say),
  },
  upload: {
    names: 1,
    run: (stores, [file], values, say) =>
      upload(stores, { file: needed(file), gateId: needed(values.gate) }, keysOf(values), say),
  },
  conflicts: { names: 0, run: (stores, _, values, say) => conflicts(stores, values, say) },
};

export const gateCommand: Command = {
  about: "gates of stations: who went in and out, and what does not fit",
  help,
  async run(args) {
    const { values, positionals } = readArgs(args, options, help);
    const [name = "", ...named] = positionals;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action || named.length !== action.names) throw new UsageError(help);
    await using stores = await openGateStores(readConfig(process.env));
    const isRight = await action.run(stores, named, values, (line) => console.log(line));
    return isRight === false ? 1 : 0;
  },
};
