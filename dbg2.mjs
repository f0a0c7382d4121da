import { startReplay } from './dist/test/lab/replay/replay-lab.js';
import { openEngine } from './dist/test/bench/engine.js';
const rtt=Number(process.argv[2]??200);
const lab = await startReplay({ tapeFile:'/tmp/tape-20.json', folder:'/tmp/dbg2', hmcs:1, systems:1, lparsPerSystem:20, roundTripMs:rtt, remoteMs:0 });
import("./dist/src/ssh/session-channel.js").then(m=>0);
const e = openEngine('/tmp/dbg2');
for (const what of ['rsct-level','rsct-level','rsct-level','rmc','rmc','rmc']) {
  const t=performance.now(); const v=await e.run(what,['s0000-1'],{deep:true}); console.log(what, v[0].verdict, ((performance.now()-t)/rtt).toFixed(2),'rtt');
  await new Promise(r=>setTimeout(r,rtt*2));
}
await e.close(); await lab.stop();
