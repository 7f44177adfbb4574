/** A container whose process the agent runs, or has run last. */
export interface Container {
  namespace: string;
  pod: string;
  podUid: string;
  podAddress: string;
  node: string;
  name: string;
  image: string;
  /** Of its first process; its children are in /proc. */
  pid: number;
  /** What it wrote to both of its outputs; of the run before this one too, as kubelets keep it. */
  log: string;
  previousLog?: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
}
