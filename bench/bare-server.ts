/** The least that a server can do: answer a constant of so many bytes, after parsing the JSON it was sent or not. */
const [mode, bytes] = process.argv.slice(2);
const body = 'x'.repeat(Number(bytes));
const headers = { 'content-type': 'application/json' };

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    if (mode === 'parse') await request.json();
    return new Response(body, { headers });
  },
});
console.log(JSON.stringify({ port: server.port }));
