/**
 * Where everything is in the rehearsal's network, which is a network namespace of its own: nothing of it is seen
 * from outside, and two at once do not meet.
 */

/** The bridge that pods and Nodes are on, and what is on it from the beginning: the control plane, and S3. */
export const BRIDGE = { name: 'nodes', address: '10.0.0.1', bits: 16 };
/** How the API server is reached from anywhere; within pods the Service `kubernetes` leads there. */
export const API_SERVER = { host: BRIDGE.address, port: 6443 };
export const S3_PORT = 9000;
/** Node n, from 1 on. */
export const nodeAddress = (n: number) => `10.0.1.${n}`;
/** Of pods that are run; the agent's. */
export const PODS = '10.0.64.0/18';
/** Of pods that only seem to run; kwok's. */
export const SEEMING_PODS = '10.0.32.0/19';
/** ClusterIPs, which kube-proxy leads to pods. */
export const SERVICES = '10.96.0.0/16';
/** What Services of type LoadBalancer get; kube-proxy leads these to pods too. */
export const LOAD_BALANCERS = '10.97.0.0/24';
/** Where each Node answers for its pods' logs and metrics, as a kubelet does. */
export const KUBELET_PORT = 10250;
