import { Ajv } from 'ajv';
import type { KubernetesObject } from './helm.js';

/**
 * What the chart makes of kinds that Kubernetes does not know by itself, strictly: a field that is not here is a misspelt
 * one until its documentation was read. Sources: the API references of prometheus-operator (monitoring.coreos.com/v1),
 * KEDA ("ScaledObject specification") and External Secrets ("ExternalSecret").
 */
const text = { type: 'string', minLength: 1 };
const texts = { type: 'object', additionalProperties: { type: 'string' } };
const only = (properties: object, required: readonly string[] = Object.keys(properties)): object => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});
const selector = only({ matchLabels: { ...texts, minProperties: 1 } });
const time = { type: 'string', pattern: '^[0-9]+(?:ms|s|m|h)$' };
const endpoints = {
  type: 'array',
  minItems: 1,
  items: only({ port: text, path: { const: '/metrics' }, interval: time, scrapeTimeout: time }),
};
const rule = only(
  {
    alert: text,
    record: text,
    expr: text,
    for: { type: 'string', pattern: '^[0-9]+[smhdwy]$' },
    keep_firing_for: { type: 'string', pattern: '^[0-9]+[smhdwy]$' },
    labels: texts,
    annotations: texts,
  },
  ['expr'],
);
const scalingPolicies = only({
  stabilizationWindowSeconds: { type: 'integer', minimum: 0, maximum: 3600 },
  policies: {
    type: 'array',
    items: only({
      type: { enum: ['Pods', 'Percent'] },
      value: { type: 'integer', minimum: 1 },
      periodSeconds: { type: 'integer' },
    }),
  },
});

const specs: Readonly<Record<string, object>> = {
  'monitoring.coreos.com/v1 ServiceMonitor': only({ selector, endpoints }),
  'monitoring.coreos.com/v1 PodMonitor': only({ selector, podMetricsEndpoints: endpoints }),
  'monitoring.coreos.com/v1 PrometheusRule': only({
    groups: {
      type: 'array',
      minItems: 1,
      items: only({ name: text, interval: time, rules: { type: 'array', minItems: 1, items: rule } }, [
        'name',
        'rules',
      ]),
    },
  }),
  'keda.sh/v1alpha1 ScaledObject': only({
    scaleTargetRef: only({ name: text }),
    minReplicaCount: { type: 'integer', minimum: 0 },
    maxReplicaCount: { type: 'integer', minimum: 1 },
    pollingInterval: { type: 'integer', minimum: 1 },
    fallback: only({ failureThreshold: { type: 'integer' }, replicas: { type: 'integer', minimum: 1 } }),
    advanced: only({
      horizontalPodAutoscalerConfig: only({
        behavior: only({ scaleUp: scalingPolicies, scaleDown: scalingPolicies }),
      }),
    }),
    triggers: {
      type: 'array',
      minItems: 1,
      items: only({
        type: { const: 'prometheus' },
        // The fallback counts for AverageValue alone.
        metricType: { const: 'AverageValue' },
        // KEDA takes text only.
        metadata: only({ serverAddress: text, query: text, threshold: text, ignoreNullValues: text }),
      }),
    },
  }),
  'external-secrets.io/v1 ExternalSecret': only({
    refreshInterval: time,
    secretStoreRef: only({ name: text, kind: { enum: ['SecretStore', 'ClusterSecretStore'] } }),
    target: only({ name: text, creationPolicy: { enum: ['Owner', 'Orphan', 'Merge', 'None'] } }),
    data: {
      type: 'array',
      minItems: 1,
      items: only({
        secretKey: text,
        remoteRef: only({ key: text, property: text, version: text }, ['key']),
      }),
    },
  }),
};

const metadata = only({ name: text, namespace: text, labels: texts, annotations: texts }, [
  'name',
  'namespace',
  'labels',
]);
const ajv = new Ajv({ allErrors: true });
const checks = new Map(
  Object.entries(specs).map(([kind, spec]) => [
    kind,
    ajv.compile(only({ apiVersion: text, kind: text, metadata, spec })),
  ]),
);

/** Whether an object is of a kind that somebody else brought into the cluster. */
export function isCustom({ apiVersion, kind }: KubernetesObject): boolean {
  return checks.has(`${apiVersion} ${kind}`);
}

/** What is wrong with such an object. */
export function customProblems(object: KubernetesObject): readonly string[] {
  const check = checks.get(`${object.apiVersion} ${object.kind}`);
  if (check === undefined) return [`no such kind is known: ${object.apiVersion} ${object.kind}`];
  check(object);
  return (check.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
  );
}
