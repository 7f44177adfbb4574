import { loadModel } from '../src/model/load.ts';
import { createApp } from '../src/http/app.ts';
import { createLog } from '../src/log.ts';
import { Activity } from '../src/serving/activity.ts';
import { Metrics } from '../src/serving/metrics.ts';
import { readdirSync, readFileSync, openSync, writeSync } from 'node:fs';
const dir='/tmp/probe/models/versions/'; const version=readdirSync(dir)[0]!;

import { DirectoryStore } from '../src/store/directory.ts'; import { Registry } from '../src/store/registry.ts'; const reg=new Registry(new DirectoryStore('/tmp/probe/models',{onRequest(){}} as any)); const model=await loadModel(await reg.readVersion(version));
const metrics=new Metrics({version:'0',revision:'x',runtime:'x'}); metrics.modelLive(model,'champion',new Date());
const fd=openSync('/tmp/probe/bench.log','w');
const log=createLog(process.argv[2]==='nolog'?'error':'info','json',(l)=>{ writeSync(fd,l); });
const app=createApp({live:{model,state:{model,loadedAt:new Date(),stale:undefined,failure:undefined}} as any,metrics,activity:new Activity(),log,maxBodyBytes:1<<20});
const body='{"inputs":{"income":60000,"age":40,"dependents":2,"rent":12000,"loanRepayment":3000,"insurance":2000,"groceries":7000,"transport":3500,"eatingOut":2000,"entertainment":2000,"utilities":3500,"healthcare":2400,"education":4000,"miscellaneous":1200}}';
const mk=()=>new Request('http://127.0.0.1/api/v1/predict',{method:'POST',headers:{'content-type':'application/json','content-length':String(body.length)},body});
async function run(n:number){ for(let i=0;i<n;i++){ const r=await app.fetch(mk()); await r.text(); } }
await run(20000);
for(let k=0;k<8;k++){const c=process.cpuUsage(); await run(30000); const d=process.cpuUsage(c); console.log('whole',((d.user+d.system)/30000).toFixed(1));}
async function base(n:number){ for(let i=0;i<n;i++){ const q=mk(); const t=await q.text(); const r=new Response(t.slice(0,400),{headers:{'content-type':'application/json'}}); await r.text(); } }
await base(20000); {const c=process.cpuUsage(); await base(30000); const d=process.cpuUsage(c); console.log('Request/Response alone',((d.user+d.system)/30000).toFixed(1));}
const t=(name:string,f:()=>void,n=100000)=>{for(let i=0;i<20000;i++)f();const c=process.cpuUsage();for(let i=0;i<n;i++)f();const d=process.cpuUsage(c);console.log(name,((d.user+d.system)/n).toFixed(2))};
const inputs=JSON.parse(body).inputs; const parsed:any=model.inputs.parse(inputs);
t('zod parse',()=>{model.inputs.parse(inputs)});
t('predict',()=>{model.predict(parsed.inputs)});
const p=[model.predict(parsed.inputs)];
t('metrics.predicted',()=>metrics.predicted(model,'champion','api',p,0.01));
t('http metrics',()=>{metrics.httpRequests.inc({method:'POST',route:'/api/v1/predict',status:200});metrics.httpDuration.observe({method:'POST',route:'/api/v1/predict'},0.001)});
t('log',()=>{log.info('request',{method:'POST',route:'/api/v1/predict',status:200,ms:0.12})});
t('headers',()=>{const h=new Headers(); for(let i=0;i<7;i++)h.set('x-header-'+i,'value value value')});
t('json out',()=>{JSON.stringify({model:{a:1,b:'x',c:'y'},predictions:p})});
