/**
 * What a pod asks for that the agent does not do. Everything else here is done, or is the scheduler's or the API
 * server's. Limits of memory and disk, seccomp, and DNS are not held; docs/cluster.md says so.
 */
import type { KubernetesObject } from '../api-client.ts';
import type { Part } from './part.ts';

const words = (text: string) => new Set(text.split(/\s+/).filter(Boolean));
const POD =
  words(`affinity automountServiceAccountToken containers dnsPolicy enableServiceLinks hostAliases hostname
  hostNetwork hostPID imagePullSecrets initContainers nodeName nodeSelector os overhead preemptionPolicy priority
  priorityClassName readinessGates restartPolicy schedulerName schedulingGates securityContext serviceAccount
  serviceAccountName subdomain terminationGracePeriodSeconds tolerations topologySpreadConstraints volumes`);
const CONTAINER = words(`args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports
  readinessProbe resizePolicy resources securityContext startupProbe terminationMessagePath terminationMessagePolicy
  volumeMounts workingDir`);
const PROBE = words(`failureThreshold httpGet initialDelaySeconds periodSeconds successThreshold tcpSocket
  terminationGracePeriodSeconds timeoutSeconds`);
const MOUNT = words('mountPath name readOnly recursiveReadOnly mountPropagation subPath');
const VOLUME = words('configMap downwardAPI emptyDir hostPath name persistentVolumeClaim projected secret');
const PROJECTED = words('configMap downwardAPI secret serviceAccountToken');
const SECURITY =
  words(`allowPrivilegeEscalation appArmorProfile capabilities fsGroup fsGroupChangePolicy privileged
  procMount readOnlyRootFilesystem runAsGroup runAsNonRoot runAsUser seccompProfile supplementalGroups`);

const others = (part: Part, known: ReadonlySet<string>, path: string) =>
  Object.keys(part ?? {})
    .filter((name) => !known.has(name) && part[name] !== false)
    .map((name) => `${path}${name}`);

function ofContainer(container: Part, isInit: boolean): string[] {
  const { lifecycle = {}, securityContext: security = {}, volumeMounts = [] } = container;
  const path = `${container.name}.`;
  const { preStop = {}, ...hooks } = lifecycle;
  const found = [
    ...others(container, CONTAINER, path),
    ...others(security, SECURITY, `${path}securityContext.`),
    ...others(hooks, new Set(), `${path}lifecycle.`),
    ...others(preStop, words('sleep httpGet'), `${path}lifecycle.preStop.`),
    ...volumeMounts.flatMap((mount: Part) => others(mount, MOUNT, `${path}volumeMounts.`)),
    ...['startupProbe', 'readinessProbe', 'livenessProbe'].flatMap((name) =>
      others(container[name], PROBE, `${path}${name}.`),
    ),
  ];
  if (security.privileged) found.push(`${path}securityContext.privileged`);
  if (security.allowPrivilegeEscalation) found.push(`${path}securityContext.allowPrivilegeEscalation`);
  if (security.capabilities?.add?.length > 0) found.push(`${path}securityContext.capabilities.add`);
  // As Kubernetes has it, that makes a sidecar of it.
  if (isInit && container.restartPolicy) found.push(`${path}restartPolicy`);
  return found;
}

function ofVolume(volume: Part, spec: Part): string[] {
  const path = `volume ${volume.name}: `;
  const found = others(volume, VOLUME, path);
  const mounts = [...spec.containers, ...(spec.initContainers ?? [])].flatMap(
    ({ volumeMounts = [] }) => volumeMounts,
  );
  if (volume.hostPath && mounts.some((mount: Part) => mount.name === volume.name && !mount.readOnly))
    found.push(`${path}hostPath that is written to`);
  for (const source of volume.projected?.sources ?? [])
    found.push(...others(source, PROJECTED, `${path}projected.`));
  const items = [volume, ...(volume.projected?.sources ?? [])].flatMap(
    (source: Part) => source.downwardAPI?.items ?? [],
  );
  if (items.some((item: Part) => item.resourceFieldRef)) found.push(`${path}downwardAPI.resourceFieldRef`);
  return found;
}

/** By their names in the pod; nothing when all can be done. */
export function notDone({ spec }: KubernetesObject): string[] {
  return [
    ...new Set([
      ...others(spec, POD, ''),
      ...others(spec.securityContext, SECURITY, 'securityContext.'),
      ...spec.containers.flatMap((container: Part) => ofContainer(container, false)),
      ...(spec.initContainers ?? []).flatMap((container: Part) => ofContainer(container, true)),
      ...(spec.volumes ?? []).flatMap((volume: Part) => ofVolume(volume, spec)),
    ]),
  ];
}
