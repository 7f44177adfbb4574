/** A part of a pod, as Kubernetes' API has it: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1 */
// biome-ignore lint/suspicious/noExplicitAny: the API's own types are many thousands of lines.
export type Part = any;
