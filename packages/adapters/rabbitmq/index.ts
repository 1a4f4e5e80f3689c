export { rabbitConnection } from "./address.ts";
export { openRabbitDelay, type RabbitDelay, type RabbitDelaySettings } from "./rabbitDelay.ts";
