import { seatStoreSuite } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { createEngineSeats } from "./engineSeats.ts";

seatStoreSuite("seats on the engine", async () => ({ seats: createEngineSeats() }));
