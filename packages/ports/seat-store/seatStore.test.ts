import { seatGrowthSuite } from "./seatGrowth.suite.ts";
import { seatOffersSuite } from "./seatOffers.suite.ts";
import { seatRepairSuite } from "./seatRepair.suite.ts";
import { createMemorySeatStore } from "./seatStore.memory.ts";
import { seatStoreSuite } from "./seatStore.suite.ts";
import { seatWaitlistSuite } from "./seatWaitlist.suite.ts";
import { seatWithdrawnSuite } from "./seatWithdrawn.suite.ts";

const create = async () => ({ seats: createMemorySeatStore() });
seatStoreSuite("seats in memory", create);
seatOffersSuite("seats in memory", create);
seatWaitlistSuite("seats in memory", create);
seatRepairSuite("seats in memory", create);
seatWithdrawnSuite("seats in memory", create);
seatGrowthSuite("seats in memory", create);
