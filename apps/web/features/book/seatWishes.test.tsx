/** Who wishes for which seat, drawn without a browser. */
import { expect, test } from "bun:test";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { PassengerId } from "@chepiao/kernel";
import { renderToStaticMarkup } from "react-dom/server";
import { LanguageProvider } from "../../lib/messages.tsx";
import { zh } from "../../messages/zh.ts";
import { SeatWishes } from "./SeatWishes.tsx";

const person = (passengerId: number, name: string, documentMasked: string) => ({
  passengerId: passengerId as PassengerId,
  name,
  documentMasked,
});

test("two of one name are told apart by the ends of their documents, and nobody else is", () => {
  const party = [
    person(1, "李四", "1101****0011"),
    person(2, "李四", "3101****028X"),
    person(3, "王五", "1101****0022"),
  ];
  const drawn = renderToStaticMarkup(
    <QueryClientProvider client={new QueryClient()}>
      <LanguageProvider first={zh}>
        <SeatWishes
          wanted={
            { trainNumber: "G1", originDate: "2026-12-10", board: "A", alight: "C", seatClass: "second" } as never
          }
          party={party}
          wishes={{}}
          ticketTypeOf={() => "adult"}
          table={undefined}
          onWish={() => {}}
        />
      </LanguageProvider>
    </QueryClientProvider>,
  );
  for (const who of ["李四 (0011)", "李四 (028X)", "王五"]) expect(drawn).toContain(zh.book.wishOf(who));
});
