/** The least that Hono, Bun and a compiled binary cost: what bench/image.ts holds our binary against. */
import { Hono } from 'hono';

const app = new Hono().get('/livez', (c) => c.json({ status: 'up' }));
Bun.serve({ port: Number(process.env.PORT), hostname: '127.0.0.1', fetch: app.fetch });
