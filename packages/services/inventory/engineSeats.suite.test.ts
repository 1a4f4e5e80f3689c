import { seatGrowthSuite } from "@chepiao/ports/seat-store/seatGrowth.suite.ts";
import { seatOffersSuite } from "@chepiao/ports/seat-store/seatOffers.suite.ts";
import { seatStoreSuite } from "@chepiao/ports/seat-store/seatStore.suite.ts";
import { seatWaitlistSuite } from "@chepiao/ports/seat-store/seatWaitlist.suite.ts";
import { seatWithdrawnSuite } from "@chepiao/ports/seat-store/seatWithdrawn.suite.ts";
import { createEngineSeats } from "./engineSeats.ts";

const create = async () => ({ seats: createEngineSeats() });
seatStoreSuite("seats on the engine", create);
seatOffersSuite("seats on the engine", create);
seatWaitlistSuite("seats on the engine", create);
seatWithdrawnSuite("seats on the engine", create);
seatGrowthSuite("seats on the engine", create);
