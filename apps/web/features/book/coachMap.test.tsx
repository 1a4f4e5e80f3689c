/** The map of a coach is a picture: nothing in it looks or sounds as if it could be pressed, and a berth is called by its level. */
import { expect, test } from "bun:test";
import { renderToStaticMarkup } from "react-dom/server";
import { LanguageProvider } from "../../lib/messages.tsx";
import { en } from "../../messages/en.ts";
import { zh } from "../../messages/zh.ts";
import { CoachMap } from "./SeatWishes.tsx";

const berth = (index: number, kind: "lower" | "upper") => ({ index, mark: "1", kind, free: index > 0 });
const coach = { coachNo: 3, rows: [{ row: 1, seats: [berth(0, "lower"), berth(1, "upper")] }] };

test("a coach is one picture with words for its free berths, and a berth is a number and its level", () => {
  for (const messages of [zh, en]) {
    const drawn = renderToStaticMarkup(
      <LanguageProvider first={messages}>
        <CoachMap coach={coach} wished={["lower"]} label="3: 1" />
      </LanguageProvider>,
    );
    expect(drawn).toStartWith('<div class="coach sleeper" role="img" aria-label="3: 1">');
    for (const pressed of ["<button", "<a ", "tabindex", "onclick"]) expect(drawn).not.toContain(pressed);
    expect(drawn).toContain(`<i class="place taken">1 ${messages.berths.lower}</i>`);
    expect(drawn).toContain(`<i class="place">1 ${messages.berths.upper}</i>`);
  }
});
