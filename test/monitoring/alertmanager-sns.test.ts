/** The receiver for Amazon SNS that the documents offer, run by Debian's Alertmanager against one that only takes notes. */
import { expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTemplate } from '../eks/cloudformation.ts';
import { freePort } from '../support/free-port.ts';
import { requireTool } from '../support/require-tool.ts';
import { ROOT } from '../support/server-process.ts';
import { alerts } from './expressions.ts';
import { answers, patiently, startProcess } from './prometheus-server.ts';

interface SnsReceiver {
  name: string;
  sns_configs?: { topic_arn: string; api_url?: string }[];
}

const [, block] = /^```yaml\n(receivers:\n[\s\S]*?)^```/m.exec(
  readFileSync(join(ROOT, 'docs/observability.md'), 'utf8'),
)!;
const { receivers } = Bun.YAML.parse(block!) as { receivers: SnsReceiver[] };
const receiver = receivers.find(({ sns_configs }) => sns_configs)!;

test('the topic is the one that the stack makes', () => {
  const { Resources } = readTemplate(join(ROOT, 'eks/aws.yaml'));
  expect(receiver.sns_configs![0]!.topic_arn).toEndWith(`:${Resources.Alerts!.Properties.TopicName}`);
});

const KEYS = {
  AccessKeyId: 'AKIAPOD',
  SecretAccessKey: 'secret',
  Token: 'session',
  Expiration: '2100-01-01T00:00:00Z',
};

test.skipIf(!requireTool('prometheus-alertmanager'))(
  'publishes, with the keys that Pod Identity hands out, a subject that SNS takes',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'savings-sns-'));
    const published: { authorization: string; form: URLSearchParams }[] = [];
    const aws = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: async (request) => {
        if (new URL(request.url).pathname === '/v1/credentials')
          return request.headers.get('authorization') === 'a-token'
            ? Response.json(KEYS)
            : new Response('', { status: 403 });
        const authorization = request.headers.get('authorization') ?? '';
        published.push({ authorization, form: new URLSearchParams(await request.text()) });
        return new Response(
          '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
        );
      },
    });
    const here = `http://127.0.0.1:${aws.port}`;
    const route = { receiver: receiver.name, group_by: ['namespace', 'alertname'], group_wait: '0s' };
    const [sns] = receiver.sns_configs!;
    const file = join(folder, 'alertmanager.yml');
    writeFileSync(
      file,
      JSON.stringify({ route, receivers: [{ ...receiver, sns_configs: [{ ...sns, api_url: here }] }] }),
    );
    const address = `127.0.0.1:${await freePort()}`;
    const alertmanager = startProcess('env', [
      ...['--unset=AWS_ACCESS_KEY_ID', '--unset=AWS_SECRET_ACCESS_KEY'],
      // Pod Identity's own address is one that only newer versions take; it hands out keys in the same way.
      `AWS_CONTAINER_CREDENTIALS_FULL_URI=${here}/v1/credentials`,
      'AWS_CONTAINER_AUTHORIZATION_TOKEN=a-token',
      ...['prometheus-alertmanager', `--config.file=${file}`, `--storage.path=${join(folder, 'data')}`],
      ...[`--web.listen-address=${address}`, '--cluster.listen-address='],
    ]);
    try {
      await patiently('Alertmanager should be ready', () => answers(`http://${address}/-/ready`));
      const { annotations } = alerts.find(({ alert }) => alert === 'SavingsNoReadyPod')!;
      const labels = { alertname: 'SavingsNoReadyPod', namespace: 'default', severity: 'page' };
      const { ok } = await fetch(`http://${address}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([{ labels, annotations }]),
      });
      expect(ok).toBe(true);
      await patiently('a message should be published', async () => published.length > 0);
      const [{ authorization, form }] = published as [(typeof published)[0]];
      expect(authorization).toContain('Credential=AKIAPOD/');
      expect(form.get('Action')).toBe('Publish');
      expect(form.get('TopicArn')).toBe(sns!.topic_arn);
      // Begins with a letter, has no line break, and no more than 100 characters.
      expect(form.get('Subject')).toMatch(/^[a-z][ -~]{1,99}$/);
      expect(form.get('Subject')).toContain('SavingsNoReadyPod');
      expect(form.get('Message')).toContain(annotations!.summary!);
      expect(form.get('Message')).toContain('docs/runbook.md#savingsnoreadypod');
    } finally {
      await alertmanager.stop();
      await aws.stop(true);
      rmSync(folder, { recursive: true });
    }
  },
  30_000,
);
