export { openRabbitDelay, type RabbitDelay, type RabbitDelaySettings } from "./rabbitDelay.ts";
