import { IMAGES, RUN_PATTERN, SEEMING_PATTERN } from './images.ts';

/** As kwok has it: when an object's turn has come, and what becomes of it. https://kwok.sigs.k8s.io/docs/user/stages-configuration */
interface Stage {
  name: string;
  of: 'Node' | 'Pod';
  when: { key: string; operator: string; values?: string[] }[];
  afterMs?: number;
  next: Record<string, unknown>;
}

const IS_RUN = `.spec.containers[0].image | (test("${RUN_PATTERN}") and (test("${SEEMING_PATTERN}") | not))`;
const isNotRun = { key: IS_RUN, operator: 'NotIn', values: ['true'] };
const isOf = (image: string) => ({ key: '.spec.containers[0].image', operator: 'In', values: [image] });
const isNoneOf = (...images: string[]) => ({
  key: '.spec.containers[0].image',
  operator: 'NotIn',
  values: images,
});
const stays = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
const isNew = { key: '.status.containerStatuses', operator: 'DoesNotExist' };

/** Templates are Go's; kwok's own functions give addresses. */
const NOW = '{{ Now | Quote }}';
const conditions = (ready: boolean) =>
  ['Initialized', 'Ready', 'ContainersReady'].map((type) => {
    const status = ready || type === 'Initialized' ? 'True' : 'False';
    return `{type: ${type}, status: "${status}", lastTransitionTime: ${NOW}}`;
  });

/** @param container what is known of each container, besides its name and image */
const podStatus = (ready: boolean, container: string, rest = '') => `
conditions: [${conditions(ready).join(', ')}]
containerStatuses:
{{ range .spec.containers }}
- {image: {{ .image | Quote }}, name: {{ .name | Quote }}, ready: ${ready}, ${container}}
{{ end }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
startTime: ${NOW}
${rest}`;

const ADDRESS =
  'podIP: {{ PodIPWith .spec.nodeName false ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}';
const running = `restartCount: 0, started: true, state: {running: {startedAt: ${NOW}}}`;
const seems = { statusTemplate: podStatus(true, running, `phase: Running\n${ADDRESS}`) };
const pulling =
  'restartCount: 0, started: false, state: {waiting: {reason: ImagePullBackOff, message: "there is none"}}';
// A field of the template's own scope is not seen within its range, so restarts are counted in a variable.
const COUNT =
  '{{ $restarts := 0 }}{{ if .status.containerStatuses }}{{ $restarts = (index .status.containerStatuses 0).restartCount }}{{ end }}';
const crashed = `state: {waiting: {reason: CrashLoopBackOff, message: "it ends again and again"}}, lastState: {terminated: {exitCode: 1, reason: Error, startedAt: ${NOW}, finishedAt: ${NOW}}}, started: false`;

const event = (reason: string, message: string) => ({ type: 'Warning', reason, message });
const nodeCondition = (type: string, status: string, reason: string) =>
  `{type: ${type}, status: "${status}", reason: ${reason}, message: ${reason}, lastHeartbeatTime: ${NOW}, lastTransitionTime: ${NOW}}`;

const STAGES: Stage[] = [
  {
    name: 'node',
    of: 'Node',
    when: [{ key: '.status.phase', operator: 'DoesNotExist' }],
    next: {
      // A t4g.medium, as eks/ has them: what is left of it for pods, and how many of them its network can take.
      statusTemplate: `
addresses: [{address: {{ index .metadata.annotations "savings/address" }}, type: InternalIP}, {address: {{ .metadata.name }}, type: Hostname}]
allocatable: {cpu: 1930m, memory: 3300Mi, pods: "17", ephemeral-storage: 18Gi}
capacity: {cpu: "2", memory: 4Gi, pods: "17", ephemeral-storage: 20Gi}
conditions:
- ${nodeCondition('Ready', 'True', 'KubeletReady')}
- ${nodeCondition('MemoryPressure', 'False', 'KubeletHasSufficientMemory')}
- ${nodeCondition('DiskPressure', 'False', 'KubeletHasNoDiskPressure')}
- ${nodeCondition('PIDPressure', 'False', 'KubeletHasSufficientPID')}
daemonEndpoints: {kubeletEndpoint: {Port: 10250}}
nodeInfo: {architecture: arm64, kubeletVersion: v1.35.4, operatingSystem: linux, kubeProxyVersion: "", bootID: "", containerRuntimeVersion: "", kernelVersion: "", machineID: "", osImage: "", systemUUID: ""}
phase: Running`,
    },
  },
  {
    name: 'pod-seems-to-run',
    of: 'Pod',
    when: [
      stays,
      isNew,
      isNotRun,
      isNoneOf(IMAGES.neverPulled, IMAGES.neverReady, IMAGES.crashing, IMAGES.slow),
    ],
    next: seems,
  },
  { name: 'pod-is-slow', of: 'Pod', when: [stays, isNew, isOf(IMAGES.slow)], afterMs: 8_000, next: seems },
  {
    name: 'pod-is-never-pulled',
    of: 'Pod',
    when: [stays, isNew, isOf(IMAGES.neverPulled)],
    next: {
      event: event('Failed', 'Failed to pull the image: there is none'),
      statusTemplate: podStatus(false, pulling, 'phase: Pending'),
    },
  },
  {
    name: 'pod-is-never-ready',
    of: 'Pod',
    when: [stays, isNew, isOf(IMAGES.neverReady)],
    next: {
      event: event('Unhealthy', 'Readiness probe failed'),
      statusTemplate: podStatus(false, running, `phase: Running\n${ADDRESS}`),
    },
  },
  {
    name: 'pod-crashes',
    of: 'Pod',
    when: [stays, isOf(IMAGES.crashing)],
    afterMs: 1_000,
    next: {
      event: event('BackOff', 'Back-off restarting the failed container'),
      statusTemplate: `${COUNT}${podStatus(false, `restartCount: {{ add $restarts 1 }}, ${crashed}`, `phase: Running\n${ADDRESS}`)}`,
    },
  },
  // The agent ends what it runs by itself, with the grace that it has.
  {
    name: 'pod-is-deleted',
    of: 'Pod',
    when: [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }, isNotRun],
    next: { finalizers: { empty: true }, delete: true },
  },
];

/** kwok's configuration: a document a stage. */
export function stages(): string {
  return STAGES.map(({ name, of, when, afterMs, next }) =>
    JSON.stringify({
      apiVersion: 'kwok.x-k8s.io/v1alpha1',
      kind: 'Stage',
      metadata: { name },
      spec: {
        resourceRef: { apiGroup: 'v1', kind: of },
        selector: { matchExpressions: when },
        ...(afterMs && { delay: { durationMilliseconds: afterMs } }),
        next,
      },
    }),
  ).join('\n---\n');
}
