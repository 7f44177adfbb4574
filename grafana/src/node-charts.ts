import { timeseries } from './charts.ts';
import type { Section } from './dashboard.ts';

export const NODE = 'job="node", node=~"$node"';
/** Virtual interfaces of pods would be counted beside the real ones that carry their traffic. */
const DEVICE = `${NODE}, device!~"lo|veth.*|eni.*|cali.*|ifb.*|docker.*"`;
const DISK = `${NODE}, device!~"loop.*|ram.*|zram.*"`;
const FILESYSTEM = `${NODE}, fstype!~"tmpfs|ramfs|squashfs|overlay|nsfs"`;

export const rate = (metric: string, matchers: string, by = 'node') =>
  `sum by (${by}) (rate(${metric}{${matchers}}[$__rate_interval]))`;

export const busy = (window: string) =>
  `1 - avg by (node) (rate(node_cpu_seconds_total{${NODE}, mode="idle"}[${window}]))`;
export const memoryUsed = `1 - node_memory_MemAvailable_bytes{${NODE}} / node_memory_MemTotal_bytes{${NODE}}`;
export const filled = `1 - node_filesystem_avail_bytes{${FILESYSTEM}} / node_filesystem_size_bytes{${FILESYSTEM}}`;

export const FULL = ['green', [0.8, 'orange'], [0.9, 'red']] as const;

export const cpuAndMemory: Section = {
  title: 'CPU and memory',
  panels: [
    timeseries(
      {
        title: 'CPU in use',
        description: 'Share of the cores in use. A burstable (t) instance above its baseline spends credits.',
        unit: 'percentunit',
        min: 0,
        max: 1,
        thresholds: FULL,
      },
      { expr: busy('$__rate_interval'), legend: '{{node}}' },
    ),
    timeseries(
      {
        title: 'CPU by mode',
        description: 'iowait is waiting for disks; steal is what the host kept for others, or spent credits.',
        unit: 'percentunit',
        min: 0,
        stacked: true,
      },
      {
        expr: `avg by (mode) (rate(node_cpu_seconds_total{${NODE}, mode!="idle"}[$__rate_interval]))`,
        legend: '{{mode}}',
      },
    ),
    timeseries(
      {
        title: 'Memory in use',
        description: 'Share of the memory that is neither free nor quickly freed.',
        unit: 'percentunit',
        min: 0,
        max: 1,
        thresholds: FULL,
      },
      { expr: memoryUsed, legend: '{{node}}' },
    ),
    timeseries(
      {
        title: 'Memory available',
        description: 'Available beside the whole, in bytes.',
        unit: 'bytes',
        min: 0,
      },
      { expr: `node_memory_MemAvailable_bytes{${NODE}}`, legend: '{{node}} available' },
      { expr: `node_memory_MemTotal_bytes{${NODE}}`, legend: '{{node}} total' },
    ),
    timeseries(
      {
        title: 'Load for each core',
        description: 'Tasks that run or wait, over five minutes, for each core. Above 1 something waits.',
        unit: 'none',
        min: 0,
        thresholds: ['green', [1, 'orange'], [2, 'red']],
      },
      {
        expr: `max by (node) (node_load5{${NODE}}) / count by (node) (node_cpu_seconds_total{${NODE}, mode="idle"})`,
        legend: '{{node}}',
      },
    ),
    timeseries(
      {
        title: 'Pressure',
        description: 'Share of the time in which some task waited for CPU, memory or disk. What users feel.',
        unit: 'percentunit',
        min: 0,
        thresholds: ['green', [0.2, 'orange'], [0.5, 'red']],
      },
      { expr: rate('node_pressure_cpu_waiting_seconds_total', NODE), legend: '{{node}} CPU' },
      { expr: rate('node_pressure_memory_waiting_seconds_total', NODE), legend: '{{node}} memory' },
      { expr: rate('node_pressure_io_waiting_seconds_total', NODE), legend: '{{node}} disk' },
    ),
  ],
};

export const disks: Section = {
  title: 'Disks and file systems',
  panels: [
    timeseries(
      {
        title: 'Disk throughput',
        description: 'Bytes read and written. A gp3 volume gives 125 MB/s unless more is paid for.',
        unit: 'Bps',
      },
      {
        expr: rate('node_disk_read_bytes_total', DISK, 'node, device'),
        legend: '{{node}} {{device}} read',
      },
      {
        expr: `-${rate('node_disk_written_bytes_total', DISK, 'node, device')}`,
        legend: '{{node}} {{device}} written',
      },
    ),
    timeseries(
      {
        title: 'Disk operations',
        description: 'Reads and writes a second. A gp3 volume gives 3,000 unless more is paid for.',
        unit: 'iops',
        thresholds: ['green', [3000, 'orange']],
      },
      {
        expr: rate('node_disk_reads_completed_total', DISK, 'node, device'),
        legend: '{{node}} {{device}} reads',
      },
      {
        expr: rate('node_disk_writes_completed_total', DISK, 'node, device'),
        legend: '{{node}} {{device}} writes',
      },
    ),
    timeseries(
      {
        title: 'Disk busy',
        description: 'Share of the time in which a disk had work.',
        unit: 'percentunit',
        min: 0,
        thresholds: FULL,
      },
      {
        expr: rate('node_disk_io_time_seconds_total', DISK, 'node, device'),
        legend: '{{node}} {{device}}',
      },
    ),
    timeseries(
      {
        title: 'File systems in use',
        description:
          'How full each file system is. At 85 % the kubelet begins to remove images, and then pods.',
        unit: 'percentunit',
        min: 0,
        max: 1,
        thresholds: FULL,
      },
      { expr: filled, legend: '{{node}} {{mountpoint}}' },
    ),
    timeseries(
      {
        title: 'File systems: free in a day',
        description: 'Space that will be left in 24 hours if the last six go on. Below zero it will be full.',
        unit: 'bytes',
        thresholds: ['red', [0, 'green']],
      },
      {
        expr: `predict_linear(node_filesystem_avail_bytes{${FILESYSTEM}}[6h], 86400)`,
        legend: '{{node}} {{mountpoint}}',
      },
    ),
    timeseries(
      {
        title: 'Files left',
        description: 'Share of the inodes that are free: many small files can fill a disk that has space.',
        unit: 'percentunit',
        min: 0,
        max: 1,
        thresholds: ['red', [0.1, 'green']],
      },
      {
        expr: `node_filesystem_files_free{${FILESYSTEM}} / node_filesystem_files{${FILESYSTEM}}`,
        legend: '{{node}} {{mountpoint}}',
      },
    ),
  ],
};

export const network: Section = {
  title: 'Network',
  panels: [
    timeseries(
      { title: 'Network in and out', description: 'Bytes in, and out below the line.', unit: 'Bps' },
      { expr: rate('node_network_receive_bytes_total', DEVICE), legend: '{{node}} in' },
      { expr: `-${rate('node_network_transmit_bytes_total', DEVICE)}`, legend: '{{node}} out' },
    ),
    timeseries(
      {
        title: 'Broken and dropped packets',
        description: 'Anything lasting above zero is a fault of the network or its driver.',
        unit: 'pps',
        min: 0,
        thresholds: ['green', [1, 'orange'], [100, 'red']],
      },
      { expr: rate('node_network_receive_errs_total', DEVICE), legend: '{{node}} broken in' },
      { expr: rate('node_network_transmit_errs_total', DEVICE), legend: '{{node}} broken out' },
      { expr: rate('node_network_receive_drop_total', DEVICE), legend: '{{node}} dropped in' },
      { expr: rate('node_network_transmit_drop_total', DEVICE), legend: '{{node}} dropped out' },
    ),
  ],
};

export const uptime: Section = {
  title: 'Uptime',
  panels: [
    timeseries(
      {
        title: 'Uptime',
        description: 'Time since each node was started. A fall is a reboot, or a new node.',
        unit: 's',
        min: 0,
      },
      { expr: `node_time_seconds{${NODE}} - node_boot_time_seconds{${NODE}}`, legend: '{{node}}' },
    ),
    timeseries(
      {
        title: 'Pods by node',
        description: 'Pods on each node, beside how many it can hold.',
        unit: 'none',
        min: 0,
      },
      { expr: 'count by (node) (kube_pod_info{node=~"$node"})', legend: '{{node}}' },
      {
        expr: 'max by (node) (kube_node_status_allocatable{node=~"$node", resource="pods"})',
        legend: '{{node}} can hold',
      },
    ),
  ],
};
