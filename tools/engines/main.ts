import { up } from "./fleet.ts";
const t = performance.now();
await up(process.argv.slice(2), (engine, line) => console.log(`${((performance.now()-t)/1000).toFixed(1)} ${engine.padEnd(16)} ${line}`));
process.exit();
