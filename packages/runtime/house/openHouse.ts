/**
 * Opens rooms from their declarations, in the order in which they are listed. Each is handed its ports, its settings, and clients of
 * the rooms it asks: functions where they are open here, calls where they are not.
 */
import type { ClientSpec, SessionView, UserClient } from "@chepiao/contracts";
import { assert, serviceDate, type ZoneName } from "@chepiao/kernel";
import type { Consumer } from "@chepiao/ports/log";
import { type Port, portOf } from "@chepiao/ports/port";
import { type TimetableStore, timetableStorePort } from "@chepiao/ports/timetable-store";
import type { MetricSpec, OpenRoom, Part, RoomDeps, RoomSpec, Setting, Work } from "@chepiao/room";
import { type Answering, answerCalls, createRemoteClient } from "../bus/index.ts";
import type { Room as MountedRoom } from "../http/bind.ts";
import { serviceOf } from "../observe/index.ts";
import { partsDone, type RoleParts, roomsOf } from "./roles.ts";
import type { World } from "./world.ts";

export type House = AsyncDisposable & {
  /** A room that is open here, or null. */
  room<Opened extends OpenRoom>(spec: RoomSpec<Opened>): Opened | null;
  /** What these roles answer, read and do here. */
  readonly routes: readonly MountedRoom[];
  readonly calls: readonly Answering[];
  readonly consumers: readonly Consumer[];
  readonly work: readonly { readonly service: string; readonly work: Work }[];
  readonly metrics: readonly MetricSpec[];
  /** Null for a request that is no page of a room here. */
  readonly pages: (request: Request) => Promise<Response | null>;
  /** Who is asking. */
  readonly authenticate: (token: string) => Promise<SessionView | null> | SessionView | null;
  /** Rebuilds what rooms keep in memory from what is stored. */
  reload(): Promise<void>;
  endStreams(): void;
};

type Opened = { readonly spec: RoomSpec; readonly room: OpenRoom; readonly does: ReadonlySet<Part> };

export async function openHouse(
  world: World,
  declared: readonly RoomSpec[],
  roles: readonly RoleParts[],
): Promise<House> {
  await using cleanUp = new AsyncDisposableStack();
  const here = roomsOf(declared, roles);
  const opened = new Map<string, Opened>();
  const remotes = new Map<string, object>();
  const isHere = (name: string) => here.some((room) => room.name === name);

  function localClient({ room: name }: ClientSpec<object>): object {
    const { client } = opened.get(name)!.room;
    assert(client !== undefined, `the room ${name} has a client`);
    return client;
  }

  /** A room that comes later in the list, or is opened by what it is asked for: each call looks for it anew. */
  const laterClient = (spec: ClientSpec<object>): object =>
    Object.fromEntries(
      Object.keys(spec.methods).map((method) => [
        method,
        (...args: readonly unknown[]) =>
          (localClient(spec) as Record<string, (...args: readonly unknown[]) => unknown>)[method]!(...args),
      ]),
    );

  function remoteClient(spec: ClientSpec<object>): object {
    const known = remotes.get(spec.room);
    if (known) return known;
    assert(world.bus !== null, `the room ${spec.room} is here, as there is no other process`);
    const remote = createRemoteClient(spec, { caller: world.bus(spec.room), clock: world.clock });
    cleanUp.use(remote);
    remotes.set(spec.room, remote);
    return remote;
  }

  function clientOf(spec: ClientSpec<object>): object {
    const given = world.clients?.[spec.room];
    if (given) return given;
    if (opened.has(spec.room)) return localClient(spec);
    return isHere(spec.room) ? laterClient(spec) : remoteClient(spec);
  }

  /** What a world that shares nothing does not bring stands in memory, where the port allows it. */
  const inMemory = new Map<string, unknown>();
  function implementationOf(needed: Port<unknown>): unknown {
    const { name, memory } = needed;
    if (world.ports.has(name) || !memory || !world.isSingleProcess) return portOf(world.ports, needed);
    if (!inMemory.has(name)) inMemory.set(name, memory({ clock: world.clock }));
    return inMemory.get(name);
  }

  let zone: Promise<ZoneName> | null = null;
  function depsOf({ name, asks, needs, settings }: RoomSpec): RoomDeps<typeof asks, typeof needs, typeof settings> {
    const { clock, random, vault, ids, site, isSingleProcess } = world;
    return {
      clock,
      random,
      vault,
      ids,
      site,
      isSingleProcess,
      zone: () => (zone ??= zoneOf(portOf(world.ports, timetableStorePort))),
      kickOutbox,
      report: world.report(serviceOf(name)),
      log: world.log(serviceOf(name)),
      rooms: mapped(asks, clientOf) as never,
      ports: mapped(needs, implementationOf) as never,
      settings: mapped(settings, (setting: Setting<unknown>) => world.setting(setting)) as never,
    };
  }

  function kickOutbox() {
    for (const { room } of opened.values()) room.kickOutbox?.();
  }

  for (const spec of here) {
    const room = await spec.open(depsOf(spec) as never);
    if (room.close) cleanUp.defer(async () => void (await room.close!()));
    opened.set(spec.name, { spec, room, does: partsDone(spec, roles) });
  }

  const all = [...opened.values()];
  const doing = (part: Part) => all.filter(({ does }) => does.has(part));
  const context = () => {
    const timetable = (opened.get("timetable")?.room.client ?? {}) as { readonly timetable?: never };
    return { timetable: () => timetable.timetable! };
  };
  const userClient = (world.clients?.["user"] ??
    opened.get("user")?.room.client ??
    (all.some(({ spec }) => spec.routes) && world.bus ? remoteUsers(declared, remoteClient) : null)) as Pick<
    UserClient,
    "authenticate"
  > | null;

  const kept = cleanUp.move();
  return {
    room: <Room extends OpenRoom>({ name }: RoomSpec<Room>) => (opened.get(name)?.room as Room | undefined) ?? null,
    routes: doing("routes").flatMap(({ spec, room }) =>
      spec.routes ? [{ routes: spec.routes, handlers: room.handlers as MountedRoom["handlers"] }] : [],
    ),
    calls: doing("calls").flatMap(({ spec, room }) =>
      spec.client ? [answerCalls(spec.client, room.client!, context())] : [],
    ),
    consumers: doing("consumers").flatMap(({ room }) => room.consumers ?? []),
    work: doing("work").flatMap(({ spec, room }) =>
      (room.work ?? []).map((work) => ({ service: serviceOf(spec.name), work })),
    ),
    metrics: all.flatMap(({ room }) => room.metrics ?? []),
    async pages(request) {
      for (const { room } of doing("pages")) {
        const answer = await room.pages?.(request);
        if (answer) return answer;
      }
      return null;
    },
    authenticate: (token) => userClient?.authenticate(token) ?? null,
    async reload() {
      for (const { room } of all) await room.reload?.();
    },
    endStreams() {
      for (const { room } of all) room.endStreams?.();
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function remoteUsers(declared: readonly RoomSpec[], remote: (spec: ClientSpec<object>) => object): object | null {
  const user = declared.find(({ name }) => name === "user");
  return user?.client ? remote(user.client) : null;
}

const mapped = <T, R>(from: Readonly<Record<string, T>>, map: (value: T) => R): Readonly<Record<string, R>> =>
  Object.fromEntries(Object.entries(from).map(([name, value]) => [name, map(value)]));

/** The railway's zone, without its trains: none runs that late. */
export async function zoneOf(timetable: Pick<TimetableStore, "load">): Promise<ZoneName> {
  const stored = await timetable.load(serviceDate("9999-12-31"));
  assert(stored !== null, "no timetable was imported yet");
  return stored.zone;
}
