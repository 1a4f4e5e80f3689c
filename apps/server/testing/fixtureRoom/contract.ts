/** What the guestbook, a room that exists in tests alone, is to others: its route and its client. */
import { clientSpec, listMethod, route } from "@chepiao/contracts";
import { secondMs } from "@chepiao/kernel";
import Type from "typebox";

const Entries = Type.Object({ greeting: Type.String(), entries: Type.Array(Type.String()) });

export const guestbookRoutes = {
  read: route({
    method: "GET",
    path: "/api/guestbook",
    summary: "Read the guestbook",
    room: "guestbook",
    who: "anyone",
    answers: { 200: { description: "Its entries.", schema: Entries } },
    refusals: [],
  }),
};

export type GuestbookClient = {
  /** Answers how many entries there are then. */
  sign(name: string): Promise<number>;
};

export const guestbookClient = clientSpec<GuestbookClient>({
  room: "guestbook",
  methods: {
    sign: listMethod({
      path: "/internal/guestbook/sign",
      room: "guestbook",
      timeoutMs: secondMs,
      asks: { names: Type.String() },
      answers: { counts: Type.Integer() },
      sizeMax: 100,
      questions: (name: string) => [name],
      result: ([count]) => count,
      serve: (client: GuestbookClient, names) => Promise.all(names.map((name) => client.sign(name))),
    }),
  },
});
