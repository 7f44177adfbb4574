import { stat } from './charts.ts';
import { dashboard, variable } from './dashboard.ts';
import { busy, cpuAndMemory, disks, FULL, filled, memoryUsed, NODE, network, uptime } from './node-charts.ts';
import { table } from './table.ts';

/** The machines below. */
export const nodes = dashboard({
  uid: 'savings-nodes',
  title: 'Savings / Nodes',
  description:
    'The machines of the cluster: CPU, memory, disks, file systems, network, and room for more pods.',
  from: 'now-6h',
  variables: [variable('node', 'Node', 'label_values(node_uname_info, node)')],
  sections: [
    {
      title: 'Now',
      panels: [
        stat(
          {
            title: 'Nodes ready',
            description: 'Nodes whose kubelet says that they can run pods.',
            unit: 'none',
            thresholds: ['red', [1, 'orange'], [2, 'green']],
          },
          { expr: 'sum(kube_node_status_condition{node=~"$node", condition="Ready", status="true"})' },
        ),
        stat(
          {
            title: 'Nodes with a fault',
            description: 'Nodes short of memory, disk or process ids, or without a network.',
            unit: 'none',
            thresholds: ['green', [1, 'red']],
          },
          { expr: 'sum(kube_node_status_condition{node=~"$node", condition!="Ready", status="true"})' },
        ),
        stat(
          {
            title: 'CPU',
            description: 'Busiest node: share of its cores in use over five minutes.',
            unit: 'percentunit',
            thresholds: FULL,
          },
          { expr: `max(${busy('5m')})` },
        ),
        stat(
          {
            title: 'Memory',
            description: 'Fullest node: memory that is neither free nor quickly freed.',
            unit: 'percentunit',
            thresholds: FULL,
          },
          { expr: `max(${memoryUsed})` },
        ),
        stat(
          {
            title: 'Fullest file system',
            description: 'At 85 % the kubelet begins to remove images, and then pods.',
            unit: 'percentunit',
            thresholds: FULL,
          },
          { expr: `max(${filled})` },
        ),
        stat(
          {
            title: 'Shortest uptime',
            description: 'Time since the node that started last was started.',
            unit: 's',
          },
          { expr: `min(node_time_seconds{${NODE}} - node_boot_time_seconds{${NODE}})` },
        ),
        table(
          {
            title: 'Nodes',
            description:
              'Each node at a glance. Pods are limited by network addresses: 17 on a t4g.medium, 11 on a t4g.small.',
            unit: 'none',
            width: 24,
            rows: { node: 'Node' },
          },
          { name: 'Cores', expr: `count by (node) (node_cpu_seconds_total{${NODE}, mode="idle"})` },
          { name: 'CPU', unit: 'percentunit', thresholds: FULL, expr: busy('5m') },
          {
            name: 'Memory',
            unit: 'percentunit',
            thresholds: FULL,
            expr: `max by (node) (${memoryUsed})`,
          },
          {
            name: 'Disk',
            unit: 'percentunit',
            thresholds: FULL,
            expr: `max by (node) (${filled})`,
          },
          { name: 'Load', expr: `max by (node) (node_load5{${NODE}})` },
          { name: 'Pods', expr: 'count by (node) (kube_pod_info{node=~"$node"})' },
          {
            name: 'Room for pods',
            expr: 'max by (node) (kube_node_status_allocatable{node=~"$node", resource="pods"})',
          },
          {
            name: 'CPU requested',
            unit: 'percentunit',
            thresholds: FULL,
            expr:
              'sum by (node) (kube_pod_container_resource_requests{node=~"$node", resource="cpu"}) ' +
              '/ max by (node) (kube_node_status_allocatable{node=~"$node", resource="cpu"})',
          },
          {
            name: 'Memory requested',
            unit: 'percentunit',
            thresholds: FULL,
            expr:
              'sum by (node) (kube_pod_container_resource_requests{node=~"$node", resource="memory"}) ' +
              '/ max by (node) (kube_node_status_allocatable{node=~"$node", resource="memory"})',
          },
          {
            name: 'Up for',
            unit: 's',
            expr: `max by (node) (node_time_seconds{${NODE}} - node_boot_time_seconds{${NODE}})`,
          },
        ),
      ],
    },
    cpuAndMemory,
    disks,
    network,
    uptime,
  ],
});
