export { type House, openHouse, zoneOf } from "./openHouse.ts";
export type { RoleParts } from "./roles.ts";
export { beginHouseWork, type WorkOptions } from "./work.ts";
export type { World } from "./world.ts";
