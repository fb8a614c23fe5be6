// The stand-in by hand, to look at the console: `node test/e2e/console/stand-in/main.ts [nodes] [port]`.
import { startStandIn, TOKEN } from './server.ts';
import { emptyWorld, worldOf } from './world.ts';

const count = Number(process.argv[2] ?? 500);
const world = count === 0 ? emptyWorld() : worldOf(count, Date.now());
const { url } = await startStandIn(world, Number(process.argv[3] ?? 7710));
console.log(`${url}  token ${TOKEN}`);
