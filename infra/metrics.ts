// What a process counts, for Prometheus. One registry a process; the gateway serves it, and /metrics of each service that
// runs alone. Labels hold message names and services, never ids: their number must stay small.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export const metrics = new Registry();

collectDefaultMetrics({ register: metrics, prefix: 'overseer_' });

export const rejectedMessages = new Counter({
  name: 'overseer_bus_rejected_messages_total',
  help: 'Messages that did not match the contract and were dropped',
  labelNames: ['message'],
  registers: [metrics],
});

export const relayed = new Counter({
  name: 'overseer_outbox_rows_total',
  help: 'Outbox rows settled by the relay',
  labelNames: ['service', 'message', 'outcome'],
  registers: [metrics],
});

export const deadLetters = new Counter({
  name: 'overseer_dead_letters_total',
  help: 'Stored messages given up and kept for a person to look at',
  labelNames: ['service', 'stream'],
  registers: [metrics],
});

export const auditAlarms = new Counter({
  name: 'overseer_audit_alarms_total',
  help: "Records of nodes that were not in order in the node's own chain",
  labelNames: ['fault'],
  registers: [metrics],
});

export const nodesByLiveness = new Gauge({
  name: 'overseer_nodes',
  help: 'Nodes by liveness',
  labelNames: ['liveness'],
  registers: [metrics],
});

export const heartbeats = new Counter({
  name: 'overseer_heartbeats_total',
  help: 'Heartbeats taken by the registry',
  registers: [metrics],
});

export const requestSeconds = new Histogram({
  name: 'overseer_request_seconds',
  help: 'Time to answer an HTTP request',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [metrics],
});
